/** Lets asynchronous work through one piece at a time, in the order it came. */
export class Turns {
  private last: Promise<unknown> = Promise.resolve()

  take<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.last.then(work)
    this.last = mine.catch(() => undefined) // whoever asked has the error
    return mine
  }

  /** When all that was asked for so far is done. */
  async over(): Promise<void> {
    await this.last
  }
}
