import { Pool } from 'undici'
import { type Clock, Random } from '../../foundation/base/index.ts'
import type { Slate } from '../../domain/index.ts'
import { poissonArrivals } from './arrivals.ts'
import { type Cast, Crowd } from './crowd.ts'
import { drawSurface, type Mix } from './mix.ts'
import { openLoop, type OpenLoopOptions } from './open-loop.ts'
import { Tally, type TallyReport } from './tally.ts'

export interface LoadOptions {
  readonly url: string
  readonly key?: string | undefined
  readonly cast: Cast
  readonly mix: Mix
  /** Slates per second. */
  readonly rate: number
  /** Events per second; 0 for none. */
  readonly eventsRate: number
  /** Events in one request. */
  readonly eventsBatch: number
  /** Length of the measured part. */
  readonly seconds: number
  /** Length of the part before it, which does not count. */
  readonly warmUpSeconds: number
  readonly inFlightMax: number
  readonly seed: string
  /** Goes into event ids; unique to this run. */
  readonly run: string
  readonly clock: Clock
  readonly signal: AbortSignal
}

export interface LoadReport {
  readonly url: string
  readonly rate: number
  readonly eventsRate: number
  readonly seconds: number
  readonly mix: Mix
  /** Slates per second that were answered. */
  readonly throughput: number
  readonly slates: TallyReport
  readonly surfaces: Readonly<Record<string, TallyReport>>
  /** Requests that carry events; `accepted` and so on count events. */
  readonly events: TallyReport & { readonly accepted: number; readonly duplicate: number; readonly rejected: number }
  /** How late the generator itself was: when this is large, the figures are its own. */
  readonly lagMs: TallyReport['latencyMs']
}

/** Longest wait for one answer. */
const ANSWER_MS = 10_000
/** Requests that wait for a place, as a multiple of those under way. */
const WAITING = 20
/** Slates are read in full at most this often: enough for events to be about fresh ones, cheap at any rate. */
const READ_EVERY_MS = 10

/** Runs slates and events side by side, each an open loop with Poisson arrivals, and tells what came of it. */
export async function runLoad(options: LoadOptions): Promise<LoadReport> {
  const { clock, mix, seed, rate, eventsRate, eventsBatch, inFlightMax, signal } = options
  const pool = new Pool(options.url, { connections: inFlightMax, headersTimeout: ANSWER_MS, bodyTimeout: ANSWER_MS })
  const headers = {
    'content-type': 'application/json',
    ...(options.key ? { authorization: `Bearer ${options.key}` } : {}),
  }
  const crowd = new Crowd(options.cast, new Random(`${seed} crowd`), options.run)
  const surfaceRandom = new Random(`${seed} surfaces`)
  const start = clock.ticks()
  const counted = start + options.warmUpSeconds * 1000
  const all = new Tally()
  const bySurface = new Map(Object.keys(mix).map((name) => [name, new Tally()]))
  const events = new Tally()
  const lag = new Tally()
  const fate = { accepted: 0, duplicate: 0, rejected: 0 }
  let readAt = 0

  const post = async (path: string, body: unknown): Promise<{ text: string; code: string | undefined }> => {
    try {
      const response = await pool.request({ path, method: 'POST', headers, body: JSON.stringify(body) })
      const text = await response.body.text()
      return { text, code: response.statusCode < 300 ? undefined : errorCode(text, response.statusCode) }
    } catch (error) {
      return { text: '', code: (error as NodeJS.ErrnoException).code ?? (error as Error).name }
    }
  }

  const askSlate = async (due: number) => {
    const surface = drawSurface(mix, surfaceRandom)
    const request = crowd.request(surface)
    const { text, code } = await post('/v1/slates', request)
    const ms = clock.ticks() - due
    if (code === undefined && eventsRate > 0 && clock.ticks() - readAt >= READ_EVERY_MS) {
      readAt = clock.ticks()
      const { slate, items } = JSON.parse(text) as Slate
      crowd.remember({ slate, surface, user: request.user, items: items.map(({ item }) => item) })
    }
    if (due < counted) return
    for (const tally of [all, bySurface.get(surface)]) {
      if (code === undefined) tally?.answer(ms, /"rung":"(\w+)"/.exec(text)?.[1] ?? 'unknown')
      else tally?.fail(ms, code)
    }
  }

  const tellEvents = async (due: number) => {
    const { text, code } = await post('/v1/events', { events: crowd.events(eventsBatch, clock.now()) })
    const ms = clock.ticks() - due
    if (due < counted) return
    if (code !== undefined) return events.fail(ms, code)
    events.answer(ms)
    const { accepted, duplicate, rejected } = JSON.parse(text) as {
      accepted: number
      duplicate: number
      rejected: unknown[]
    }
    fate.accepted += accepted
    fate.duplicate += duplicate
    fate.rejected += rejected.length
  }

  const whole = options.warmUpSeconds + options.seconds
  const loop = (tally: Tally): OpenLoopOptions => ({
    clock,
    inFlightMax,
    waitingMax: inFlightMax * WAITING,
    signal,
    onArrival: (due, lateMs) => due >= counted && lag.answer(lateMs),
    onDropped: (due) => due >= counted && tally.fail(clock.ticks() - due, 'ERR_CLIENT_FULL'),
  })
  await Promise.all([
    openLoop(poissonArrivals(new Random(`${seed} slates`), rate, whole), askSlate, loop(all)),
    openLoop(poissonArrivals(new Random(`${seed} events`), eventsRate / eventsBatch, whole), tellEvents, loop(events)),
  ])
  const measuredSeconds = Math.min(options.seconds, Math.max(0.001, (clock.ticks() - counted) / 1000))
  await pool.destroy()
  const slates = all.report()
  return {
    url: options.url,
    rate,
    eventsRate,
    seconds: options.seconds,
    mix,
    throughput: slates.answered / measuredSeconds,
    slates,
    surfaces: Object.fromEntries([...bySurface].map(([name, tally]) => [name, tally.report()])),
    events: { ...events.report(), ...fate },
    lagMs: lag.report().latencyMs,
  }
}

function errorCode(text: string, status: number): string {
  return /"code":"(\w+)"/.exec(text)?.[1] ?? `HTTP_${status}`
}
