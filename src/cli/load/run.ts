import { type Clock, Random } from '../../foundation/base/index.ts'
import type { Slate } from '../../domain/index.ts'
import { HttpClient } from '../http-client.ts'
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

/** Requests that wait for a place, as a multiple of those under way. */
const WAITING = 20
/** Slates are read in full at most this often: enough for events to be about fresh ones, cheap at any rate. */
const READ_EVERY_MS = 10

/** Runs slates and events side by side, each an open loop with Poisson arrivals, and tells what came of it. */
export async function runLoad(options: LoadOptions): Promise<LoadReport> {
  const { clock, mix, seed, rate, eventsRate, eventsBatch, inFlightMax, signal } = options
  const client = new HttpClient({ url: options.url, key: options.key, connections: inFlightMax })
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

  const askSlate = async (due: number) => {
    const surface = drawSurface(mix, surfaceRandom)
    const request = crowd.request(surface)
    const { text, code } = await client.post('/v1/slates', request)
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
    const { text, code } = await client.post('/v1/events', { events: crowd.events(eventsBatch, clock.now()) })
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
  await client.close()
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
