/** Answers from which on a habit is one, and its memory: each one weighs as the last of so many. */
const ANSWERS = 64
/** Share of answers with something in them that makes a source one that gives something. */
const GIVES_FROM = 0.9
/** Empty answers in a row that are no chance any more: of one that gives in nine of ten, one run in a hundred million. */
const EMPTY_RUN = 8
/** After so long it is no failure but how things are now. */
const FORGET_MS = 600_000

/** Does a source give something, as it usually does? Tells an index that lost its contents from a viewer for whom there is nothing. */
export class Habit {
  private answers = 0
  private share = 0
  private empty = 0
  private since = 0

  /** Takes note of an answer; is it empty against the habit? `now`: in ticks. */
  breaks(gave: boolean, now: number): boolean {
    if (gave) {
      for (let i = 0; i < Math.min(this.empty, EMPTY_RUN); i++) this.learn(0)
      this.empty = 0
      this.learn(1)
      return false
    }
    if (this.empty++ === 0) this.since = now
    if (this.empty < EMPTY_RUN) return false
    if (this.answers >= ANSWERS && this.share >= GIVES_FROM) {
      if (now - this.since < FORGET_MS) return true
      this.answers = 0
    }
    this.learn(0)
    return false
  }

  /** The mean of all until there are enough, then a moving one. */
  private learn(value: number): void {
    this.answers = Math.min(ANSWERS, this.answers + 1)
    this.share += (value - this.share) / this.answers
  }
}
