import type { Clock } from '../base/index.ts'

/** Idle time, in milliseconds, below which the event loop did not rest between two turns. */
const REST_MS = 0.1

/** What the estimate needs of the event loop. */
export interface Loop {
  /** Milliseconds that the loop has rested so far. */
  idle(): number
  /** Calls back when the turn under way has taken in all that was ready. */
  turned(call: () => void): void
}

export const eventLoop: Loop = {
  idle: () => performance.eventLoopUtilization().idle,
  turned: (call) => void setImmediate(call),
}

/**
 * How long a request has waited for the event loop before anybody could look at it: the queue that no counter sees.
 * All that arrives in one turn of the loop was ready when the turn began, so the later ones waited for the earlier.
 * When the loop did not rest before the turn, they came some time during what it did before: half of that, on average.
 */
export class TurnWait {
  private readonly clock: Clock
  private readonly loop: Loop
  private inTurn = false
  private began: number
  private rested: number
  private before = 0

  constructor(clock: Clock, loop: Loop = eventLoop) {
    this.clock = clock
    this.loop = loop
    this.began = clock.ticks()
    this.rested = loop.idle()
  }

  /** Call once for each arrival, first of all. Milliseconds. */
  arrive(): number {
    const now = this.clock.ticks()
    if (!this.inTurn) this.begin(now)
    return now - this.began + this.before
  }

  private begin(now: number): void {
    const idle = this.loop.idle()
    this.before = idle - this.rested < REST_MS ? (now - this.began) / 2 : 0
    this.began = now
    this.rested = idle
    this.inTurn = true
    this.loop.turned(() => {
      this.inTurn = false
    })
  }
}
