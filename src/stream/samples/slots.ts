/** Numbers to be given out and taken back, so that columns of things that come and go stay dense. */
export class Slots {
  private readonly spare: number[] = []
  private end = 0

  /** Given out now. */
  get size(): number {
    return this.end - this.spare.length
  }

  take(): number {
    return this.spare.pop() ?? this.end++
  }

  give(slot: number): void {
    this.spare.push(slot)
  }
}
