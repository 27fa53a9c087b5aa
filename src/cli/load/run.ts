import type { Cost } from '../../planning/index.ts'
import { type Clock, Random } from '../../foundation/base/index.ts'
import type { Slate } from '../../domain/index.ts'
import { HttpClient } from '../http-client.ts'
import { SlateAccount, type SegmentReport, type SurfaceReport } from './account.ts'
import { poissonArrivals } from './arrivals.ts'
import { drawSurface, type Mix } from './mix.ts'
import { openLoop, type OpenLoopOptions } from './open-loop.ts'
import { profileArrivals, type ProfileName, profiles } from './profile.ts'
import type { StageFigures } from './stage-tallies.ts'
import { Tally, type TallyReport } from './tally.ts'
import type { Traffic } from './traffic.ts'

export interface LoadOptions {
  readonly url: string
  readonly key?: string | undefined
  readonly traffic: Traffic
  readonly mix: Mix
  /** Slates per second, where the profile stands at 1. */
  readonly rate: number
  readonly profile: ProfileName
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
  readonly clock: Clock
  readonly signal: AbortSignal
}

export interface LoadReport {
  readonly url: string
  /** As whom the requests were made. */
  readonly as: string
  readonly profile: ProfileName
  readonly rate: number
  readonly eventsRate: number
  readonly seconds: number
  /** Of them were measured, when it was stopped before its end. */
  readonly stoppedAfter?: number
  /** Excluded from all figures. */
  readonly warmUpSeconds: number
  readonly mix: Mix
  /** Slates per second that were answered. */
  readonly throughput: number
  readonly slates: TallyReport
  readonly surfaces: Readonly<Record<string, SurfaceReport>>
  readonly stages: Readonly<Record<string, StageFigures>>
  /** The stretches of the profile. */
  readonly segments: readonly SegmentReport[]
  /** Requests that carry events; `accepted` and so on count events. */
  readonly events: TallyReport & { readonly accepted: number; readonly duplicate: number; readonly rejected: number }
  /** How late the generator itself was: when this is large, the figures are its own. */
  readonly lagMs: TallyReport['latencyMs']
  /** CPU time of the server per slate, warm-up included: what `sluice plan capacity --from` takes. */
  readonly cost?: Cost
}

/** Requests that wait for a place, as a multiple of those under way. */
const WAITING = 20

/** Runs slates and events side by side, each an open loop with Poisson arrivals, and tells what came of it. */
export async function runLoad(options: LoadOptions): Promise<LoadReport> {
  const { clock, mix, seed, rate, eventsRate, eventsBatch, inFlightMax, signal, traffic } = options
  const { url, profile, seconds, warmUpSeconds } = options
  const client = new HttpClient({ url, key: options.key, connections: inFlightMax })
  const surfaceRandom = new Random(`${seed} surfaces`)
  const start = clock.ticks()
  const counted = start + warmUpSeconds * 1000
  const segments = profiles[profile](seconds)
  const slates = new SlateAccount(Object.keys(mix), segments)
  const events = new Tally()
  const lag = new Tally()
  const fate = { accepted: 0, duplicate: 0, rejected: 0 }

  const askSlate = async (due: number) => {
    const surface = drawSurface(mix, surfaceRandom)
    const request = traffic.request(surface)
    const { text, code } = await client.post('/v1/slates', request)
    const ms = clock.ticks() - due
    const slate = code === undefined ? (JSON.parse(text) as Slate) : undefined
    traffic.answered(request, slate)
    if (due >= counted) slates.add(due - counted, { surface, ms, code, ...slate })
  }

  const tellEvents = async (due: number) => {
    const { text, code } = await client.post('/v1/events', { events: traffic.events(eventsBatch, clock.now()) })
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

  const loop = (dropped: (due: number, ms: number) => void): OpenLoopOptions => ({
    clock,
    inFlightMax,
    waitingMax: inFlightMax * WAITING,
    signal,
    start,
    onArrival: (due, lateMs) => due >= counted && lag.answer(lateMs),
    onDropped: (due) => due >= counted && dropped(due - counted, clock.ticks() - due),
  })
  const code = 'ERR_CLIENT_FULL'
  const warm = { name: 'warm-up', seconds: warmUpSeconds, from: 1, to: 1 }
  await Promise.all([
    openLoop(
      profileArrivals(new Random(`${seed} slates`), rate, [warm, ...segments]),
      askSlate,
      loop((due, ms) => slates.add(due, { surface: drawSurface(mix, surfaceRandom), ms, code })),
    ),
    openLoop(
      poissonArrivals(new Random(`${seed} events`), eventsRate / eventsBatch, warmUpSeconds + seconds),
      tellEvents,
      loop((_, ms) => events.fail(ms, code)),
    ),
  ])
  // An overloaded server answers the last ones long after they were due: that is no throughput.
  const measuredSeconds = Math.max(signal.aborted ? 0.001 : seconds, (clock.ticks() - counted) / 1000)
  await client.close()
  const report = slates.report(rate)
  return {
    url,
    as: traffic.as,
    profile,
    rate,
    eventsRate,
    seconds,
    ...(signal.aborted && { stoppedAfter: measuredSeconds }),
    warmUpSeconds,
    mix,
    throughput: report.slates.answered / measuredSeconds,
    ...report,
    events: { ...events.report(), ...fate },
    lagMs: lag.report().latencyMs,
  }
}
