import { SluiceError } from '../foundation/base/index.ts'
import type {
  EngineStatus,
  ErasureReport,
  Explanation,
  FaultsReport,
  Observations,
  PortfolioReport,
} from '../app/index.ts'
import type { Event, Slate } from '../domain/index.ts'
import { AnsweredError } from './failure.ts'
import { type Answer, observedBy } from './observed.ts'
import type { Platform } from './platform.ts'

export interface RemoteOptions {
  readonly url: string
  /** API key, when the server asks for one. */
  readonly key?: string | undefined
}

/** Longest wait for the head of an answer. */
const ANSWER_MS = 30_000
/** Longest wait for a sign of life. */
const HEALTH_MS = 2_000

/** What only a running server can tell. */
export interface RemotePlatform extends Platform {
  /** Its measurements, in the Prometheus text format. */
  metrics(): Promise<string>
  /** Of the last day. */
  observations(): Promise<Omit<Observations, 'from'>>
}

/** A running server. */
export function remotePlatform({ url, key }: RemoteOptions): RemotePlatform {
  const base = url.replace(/\/+$/, '')
  const headers: Record<string, string> = key ? { authorization: `Bearer ${key}` } : {}

  async function call(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Response> {
    const response = await reach(base, () =>
      fetch(base + path, {
        method,
        headers: body === undefined ? headers : { ...headers, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: signal ?? AbortSignal.timeout(ANSWER_MS),
      }),
    )
    if (!response.ok) throw await answeredError(response)
    return response
  }
  const ask = async <T>(method: string, path: string, body?: unknown) =>
    (await (await call(method, path, body)).json()) as T
  const name = encodeURIComponent

  return {
    where: base,
    running: true,
    slate: (request) => ask<Slate>('POST', '/v1/slates', request),
    explain: (slate) => ask<Explanation>('GET', `/v1/slates/${name(slate)}/explain`),
    portfolio: () => ask<PortfolioReport>('GET', '/v1/portfolio'),
    faults: () => ask<FaultsReport>('GET', '/v1/faults'),
    injectFaults: (faults) => ask<FaultsReport>('PUT', '/v1/faults', { faults }),
    status: () => ask<EngineStatus>('GET', '/v1/status'),
    observations: () => observedBy((query) => ask<Answer>('GET', `/v1/observations${query}`)),
    metrics: async () => (await call('GET', '/metrics')).text(),
    eraseUser: (id) => ask<ErasureReport>('DELETE', `/v1/users/${name(id)}`),
    async *tail(last, follow, signal) {
      if (!follow && last === 0) return
      const stop = new AbortController()
      const left = AbortSignal.any([signal, stop.signal])
      const patience = follow ? left : AbortSignal.any([left, AbortSignal.timeout(ANSWER_MS)])
      try {
        const response = await call('GET', `/v1/events/tail?last=${last}&follow=${follow}`, undefined, patience)
        for await (const events of linesOf<Event>(response)) yield* events
      } catch (error) {
        if (!left.aborted) throw error
      } finally {
        stop.abort() // whoever takes only some must not leave the rest to come
      }
    },
    async *records(kind) {
      const stop = new AbortController()
      try {
        yield* linesOf(await call('GET', `/v1/export/${kind}`, undefined, stop.signal))
      } finally {
        stop.abort() // whoever takes only some must not leave the rest to come
      }
    },
    close: async () => undefined,
  }
}

/** Does a server answer there? */
export async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url.replace(/\/+$/, '')}/health`, { signal: AbortSignal.timeout(HEALTH_MS) })
    return response.ok
  } catch {
    return false // refused, unresolved or too slow: not there
  }
}

/** @throws SluiceError ERR_SERVER_UNREACHABLE instead of the reasons of the network */
async function reach(url: string, send: () => Promise<Response>): Promise<Response> {
  try {
    return await send()
  } catch (error) {
    if (error instanceof Error && error.name === 'AbortError') throw error
    const cause = (error as Error).cause
    const why = cause instanceof Error && cause.message ? cause.message : (error as Error).message
    throw new SluiceError('ERR_SERVER_UNREACHABLE', [url, why], { cause: error })
  }
}

async function answeredError(response: Response): Promise<AnsweredError> {
  const text = await response.text()
  try {
    const { error } = JSON.parse(text) as { error?: { code?: string; message?: string } }
    if (error?.code && error.message) return new AnsweredError(error.code, error.message)
  } catch {
    // not our JSON: said below
  }
  return new AnsweredError(
    'ERR_ANSWER',
    `The server answered ${response.status} ${response.statusText}: ${text.slice(0, 200)}`,
  )
}

/** The records of an answer in JSON lines, as they arrive. */
async function* linesOf<T>(response: Response): AsyncGenerator<readonly T[]> {
  const decoder = new TextDecoder()
  let held = ''
  for await (const piece of response.body ?? []) {
    const lines = (held + decoder.decode(piece as Uint8Array, { stream: true })).split('\n')
    held = lines.pop() ?? ''
    const records = lines.filter((line) => line !== '').map((line) => JSON.parse(line) as T)
    if (records.length > 0) yield records
  }
  if (held.trim() !== '') yield [JSON.parse(held) as T]
}
