/** What is due when: a binary heap of (moment, value), earliest first, ties in the order they were put in. */
export class TimeQueue {
  private times = new Float64Array(64)
  private values = new Uint32Array(64)
  private turns = new Float64Array(64)
  private count = 0
  private turn = 0

  get size(): number {
    return this.count
  }

  /** Moment of the earliest entry; Infinity when empty. */
  get earliest(): number {
    return this.count === 0 ? Number.POSITIVE_INFINITY : this.times[0]
  }

  push(at: number, value: number): void {
    if (this.count === this.times.length) {
      this.times = doubled(this.times, new Float64Array(this.count * 2))
      this.values = doubled(this.values, new Uint32Array(this.count * 2))
      this.turns = doubled(this.turns, new Float64Array(this.count * 2))
    }
    const turn = this.turn++
    let i = this.count++
    while (i > 0) {
      const parent = (i - 1) >> 1
      if (this.times[parent] <= at) break
      this.move(parent, i)
      i = parent
    }
    this.write(i, at, value, turn)
  }

  /** Takes the value of the earliest entry out; there must be one. */
  pop(): number {
    const taken = this.values[0]
    const last = --this.count
    const at = this.times[last]
    const turn = this.turns[last]
    let i = 0
    for (;;) {
      let child = 2 * i + 1
      if (child >= last) break
      if (child + 1 < last && this.before(this.times[child + 1], this.turns[child + 1], child)) child++
      if (this.before(at, turn, child)) break
      this.move(child, i)
      i = child
    }
    this.write(i, at, this.values[last], turn)
    return taken
  }

  private before(at: number, turn: number, other: number): boolean {
    return at < this.times[other] || (at === this.times[other] && turn < this.turns[other])
  }

  private move(from: number, to: number): void {
    this.write(to, this.times[from], this.values[from], this.turns[from])
  }

  private write(i: number, at: number, value: number, turn: number): void {
    this.times[i] = at
    this.values[i] = value
    this.turns[i] = turn
  }
}

function doubled<T extends Float64Array | Uint32Array>(from: T, into: T): T {
  into.set(from)
  return into
}
