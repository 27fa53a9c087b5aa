/** Latest calls that are looked at. */
const CALLS = 64
/** Fewer say nothing at all: the first calls of a process are slow. */
const CALLS_MIN = 16
/** Older calls say nothing about now: without this, a dependency that was slow would never be asked again. */
const FRESH_MS = 5_000

export interface Chance {
  /** Share of the latest calls that ended within the time, well or not. */
  readonly ended: number
  /** Share that ended well within the time. */
  readonly succeeded: number
}

/** How the latest pieces of work of one sort went, and so what to expect of the next one. */
export class Outlook {
  private readonly ms = new Float64Array(CALLS)
  private readonly at = new Float64Array(CALLS).fill(Number.NEGATIVE_INFINITY)
  private readonly good = new Uint8Array(CALLS)
  private calls = 0

  /** `now`: in ticks. `ms`: how long it took; 0 for what failed or was given up, which ends when it is told to. */
  note(ms: number, succeeded: boolean, now: number): void {
    const place = this.calls++ % CALLS
    this.ms[place] = ms
    this.at[place] = now
    this.good[place] = succeeded ? 1 : 0
  }

  /** Without enough fresh calls the best is expected. */
  within(ms: number, now: number): Chance {
    let fresh = 0
    let ended = 0
    let succeeded = 0
    for (let i = 0; i < CALLS; i++) {
      if (now - this.at[i] > FRESH_MS) continue
      fresh++
      if (this.ms[i] > ms) continue
      ended++
      succeeded += this.good[i]
    }
    return fresh < CALLS_MIN ? { ended: 1, succeeded: 1 } : { ended: ended / fresh, succeeded: succeeded / fresh }
  }
}
