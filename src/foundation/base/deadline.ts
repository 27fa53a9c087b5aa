import type { Clock } from './clock.ts'

/** The moment a piece of work must be done. Made once per request and narrowed per stage; it never widens. */
export class Deadline {
  private readonly clock: Clock
  private readonly at: number

  constructor(clock: Clock, budgetMs: number) {
    this.clock = clock
    this.at = clock.ticks() + budgetMs
  }

  /** Milliseconds left; negative when past. */
  remaining(): number {
    return this.at - this.clock.ticks()
  }

  get expired(): boolean {
    return this.remaining() <= 0
  }

  /** A deadline for a part of the work: its own budget, or what is left of this one, whichever ends first. */
  within(budgetMs: number): Deadline {
    return new Deadline(this.clock, Math.min(budgetMs, Math.max(0, this.remaining())))
  }
}
