import type { Clock } from '../base/index.ts'

export interface BreakerOptions {
  /** Latest calls that are judged together, 1 to 1024. Default 20. */
  readonly window?: number
  /** Fewest calls in the window before it may open. Default 5. */
  readonly callsMin?: number
  /** Share of failures in the window at which it opens, above 0 to 1. Default 0.5. */
  readonly shareToOpen?: number
  /** Wait before the first probe, in milliseconds. Doubles with each probe that fails, up to `coolMsMax`. Default 1000. */
  readonly coolMs?: number
  readonly coolMsMax?: number
  /** Probes that must succeed in a row before it closes. Default 3. */
  readonly probes?: number
}

export type BreakerState = 'closed' | 'open' | 'half-open'

/** A call that may be made: tell once how it ended. One that is given up failed; what comes of it later is no matter. */
export interface Call {
  succeeded(): void
  failed(): void
}

/**
 * Keeps a failing dependency from being asked. Closed: every call goes. Open: none goes, until the wait is over.
 * Half-open: one call at a time goes as a probe. It opens on a share of failures and closes only after several
 * successes in a row, and waits longer each time, so it does not flap (hysteresis).
 *
 * Ask `enter()` before a call, and tell how it ended. Only the end of a call that began in the state it is judged in counts:
 * one that was on its way when it opened says nothing of a dependency that is probed since. The pattern: Nygard, Release It!,
 * 2007.
 */
export class Breaker {
  private readonly clock: Clock
  private readonly options: Required<BreakerOptions>
  private readonly outcomes: Uint8Array // 1: failed; a ring of the latest calls
  private calls = 0
  private failures = 0
  private current: BreakerState = 'closed'
  private openUntil = 0
  private waits = 0
  private probing = false
  /** Counts the changes of state, and the probes. */
  private era = 0
  private probesPassed = 0

  constructor(clock: Clock, options: BreakerOptions = {}) {
    const { window = 20, callsMin = 5, shareToOpen = 0.5, coolMs = 1000, coolMsMax = 60_000, probes = 3 } = options
    if (!(window >= 1 && window <= 1024)) throw new RangeError(`window must be 1 to 1024, not ${window}`)
    if (!(callsMin >= 1 && callsMin <= window)) throw new RangeError(`callsMin must be 1 to ${window}, not ${callsMin}`)
    if (!(shareToOpen > 0 && shareToOpen <= 1)) {
      throw new RangeError(`shareToOpen must be above 0 and at most 1, not ${shareToOpen}`)
    }
    if (!(coolMs >= 0 && coolMsMax >= coolMs)) throw new RangeError(`coolMs must be 0 to coolMsMax, not ${coolMs}`)
    if (!(probes >= 1)) throw new RangeError(`probes must be at least 1, not ${probes}`)
    this.clock = clock
    this.options = { window, callsMin, shareToOpen, coolMs, coolMsMax, probes }
    this.outcomes = new Uint8Array(window)
  }

  get state(): BreakerState {
    return this.current === 'open' && this.clock.ticks() >= this.openUntil ? 'half-open' : this.current
  }

  /** The call that may be made now; undefined when none may. */
  enter(): Call | undefined {
    const state = this.state
    if (state === 'open' || (state === 'half-open' && this.probing)) return undefined
    if (state === 'half-open') {
      this.current = 'half-open'
      this.probing = true
      this.era++
    }
    return this.callOf(this.era)
  }

  private callOf(era: number): Call {
    let told = false
    const tell = (end: () => void) => () => {
      if (!told && era === this.era) end()
      told = true
    }
    return { succeeded: tell(() => this.succeeded()), failed: tell(() => this.failed()) }
  }

  private succeeded(): void {
    if (this.current === 'half-open') {
      this.probing = false
      if (++this.probesPassed >= this.options.probes) this.close()
    } else if (this.current === 'closed') {
      this.note(0)
    }
  }

  private failed(): void {
    if (this.current === 'half-open') this.open()
    else if (this.current === 'closed') {
      this.note(1)
      const judged = Math.min(this.calls, this.options.window)
      if (judged >= this.options.callsMin && this.failures >= judged * this.options.shareToOpen) this.open()
    }
  }

  private note(outcome: 0 | 1): void {
    const place = this.calls++ % this.options.window
    this.failures += outcome - this.outcomes[place]
    this.outcomes[place] = outcome
  }

  private open(): void {
    const { coolMs, coolMsMax } = this.options
    this.era++
    this.current = 'open'
    this.openUntil = this.clock.ticks() + Math.min(coolMsMax, coolMs * 2 ** this.waits)
    this.waits = Math.min(this.waits + 1, 30)
    this.probing = false
    this.probesPassed = 0
  }

  private close(): void {
    this.era++
    this.current = 'closed'
    this.waits = 0
    this.probesPassed = 0
    this.calls = 0
    this.failures = 0
    this.outcomes.fill(0)
  }
}
