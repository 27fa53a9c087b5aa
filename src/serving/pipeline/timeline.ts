import type { Clock } from '../../foundation/base/index.ts'
import type { StageReport } from '../../domain/index.ts'
import type { Done } from './guard.ts'

/** Shorter waits are no stage. */
const WAIT_MS = 1

/** What happened in one request, stage by stage: when each began, how long it took, what it had. */
export class Timeline {
  readonly stages: StageReport[] = []
  private readonly clock: Clock
  private readonly arrived: number

  /** `waitedMs`: how long ago the request arrived. */
  constructor(clock: Clock, waitedMs: number) {
    this.clock = clock
    this.arrived = clock.ticks() - waitedMs
    if (waitedMs < WAIT_MS) return
    this.stages.push({ stage: 'wait', status: 'ok', at: 0, ms: round(waitedMs), budget: 0, in: 0, out: 0 })
  }

  /** Milliseconds since the arrival. */
  now(): number {
    return this.clock.ticks() - this.arrived
  }

  /** Reports a stage that ends now. `from`: a moment of `now()`. */
  end(stage: string, { status, note }: Done, from: number, budget: number, before: number, after: number): void {
    const said = note === undefined ? { stage, status } : { stage, status, note }
    const ms = this.now() - from
    this.stages.push({ ...said, at: round(from), ms: round(ms), budget: round(budget), in: before, out: after })
  }
}

/** To a microsecond. */
function round(ms: number): number {
  return Math.round(ms * 1000) / 1000
}
