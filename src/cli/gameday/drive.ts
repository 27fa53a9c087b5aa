import type { Clock } from '../../foundation/base/index.ts'
import type { Mix } from '../load/mix.ts'
import { type LoadReport, runLoad } from '../load/run.ts'
import type { Traffic } from '../load/traffic.ts'

/** What is the same for all load of a day on one server. */
export interface Driving {
  readonly url: string
  readonly key?: string | undefined
  readonly traffic: Traffic
  readonly mix: Mix
  /** Slates per second. */
  readonly rate: number
  readonly eventsRate: number
  readonly clock: Clock
}

export function drive(driving: Driving, seconds: number, signal: AbortSignal): Promise<LoadReport> {
  const steady = { eventsBatch: 10, warmUpSeconds: 0, inFlightMax: 128, profile: 'steady', seed: 'gameday' } as const
  return runLoad({ ...driving, ...steady, seconds, signal })
}
