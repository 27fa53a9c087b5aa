import { SluiceError } from '../foundation/base/index.ts'
import { Caller, ClientError, type Method, networkReason } from '../client/index.ts'
import type {
  EngineStatus,
  ErasureReport,
  Explanation,
  FaultsReport,
  Observations,
  PortfolioReport,
} from '../app/index.ts'
import type { Event, Slate } from '../domain/index.ts'
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
  const caller = new Caller({ url, key })
  const ask = <T>(method: Method, path: string, body?: unknown) =>
    reached(caller, () => caller.json<T>(method, path, { body, timeoutMs: ANSWER_MS }))
  const open = (path: string, signal: AbortSignal) => reached(caller, () => caller.open('GET', path, { signal }))
  const name = encodeURIComponent

  return {
    where: caller.url,
    running: true,
    slate: (request) => ask<Slate>('POST', '/v1/slates', request),
    explain: (slate) => ask<Explanation>('GET', `/v1/slates/${name(slate)}/explain`),
    portfolio: () => ask<PortfolioReport>('GET', '/v1/portfolio'),
    faults: () => ask<FaultsReport>('GET', '/v1/faults'),
    injectFaults: (faults) => ask<FaultsReport>('PUT', '/v1/faults', { faults }),
    status: () => ask<EngineStatus>('GET', '/v1/status'),
    observations: () => observedBy((query) => ask<Answer>('GET', `/v1/observations${query}`)),
    metrics: async () => (await open('/metrics', AbortSignal.timeout(ANSWER_MS))).text(),
    eraseUser: (id) => ask<ErasureReport>('DELETE', `/v1/users/${name(id)}`),
    async *tail(last, follow, signal) {
      if (!follow && last === 0) return
      const stop = new AbortController()
      const left = AbortSignal.any([signal, stop.signal])
      const patience = follow ? left : AbortSignal.any([left, AbortSignal.timeout(ANSWER_MS)])
      try {
        const response = await open(`/v1/events/tail?last=${last}&follow=${follow}`, patience)
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
        yield* linesOf(await open(`/v1/export/${kind}`, stop.signal))
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

/** @throws SluiceError ERR_SERVER_UNREACHABLE, which says what to do at a command line, in place of no answer */
async function reached<T>({ url }: Caller, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof ClientError) || error.status > 0) throw error
    throw new SluiceError('ERR_SERVER_UNREACHABLE', [url, networkReason(error.cause as Error)], { cause: error })
  }
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
