import type { Clock } from '../base/index.ts'

export interface CongestionOptions {
  /** A wait that is still good, in milliseconds. */
  readonly targetMs: number
  /** How long every wait must be above the target before a queue counts as standing, in milliseconds. */
  readonly intervalMs: number
}

/**
 * Tells a standing queue from a burst, by the waits of those who leave it: a burst drains, so soon somebody has waited
 * little; a standing queue makes everybody wait. It stands when no wait was below the target for an interval, and is
 * over when no wait was above half the target for an interval (hysteresis). The idea is CoDel's: Nichols and Jacobson,
 * Controlling Queue Delay, 2012; here what is too late is answered more cheaply instead of dropped at a growing rate.
 */
export class Congestion {
  private readonly clock: Clock
  private readonly options: CongestionOptions
  private isStanding = false
  /** Since when every wait argues for the other state; undefined when the latest did not. */
  private since: number | undefined

  constructor(clock: Clock, options: CongestionOptions) {
    if (!(options.targetMs > 0)) throw new RangeError(`targetMs must be above 0, not ${options.targetMs}`)
    if (!(options.intervalMs >= 0)) throw new RangeError(`intervalMs must be at least 0, not ${options.intervalMs}`)
    this.clock = clock
    this.options = options
  }

  get standing(): boolean {
    return this.isStanding
  }

  /** Takes note of how long a request has waited; gives whether there is a standing queue now. */
  note(waitedMs: number): boolean {
    const { targetMs, intervalMs } = this.options
    const argues = this.isStanding ? waitedMs <= targetMs / 2 : waitedMs > targetMs
    const now = this.clock.ticks()
    if (!argues) this.since = undefined
    else if (this.since === undefined) this.since = now
    else if (now - this.since >= intervalMs) {
      this.isStanding = !this.isStanding
      this.since = undefined
    }
    return this.isStanding
  }
}
