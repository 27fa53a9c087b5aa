import { TopK } from '../../../foundation/base/index.ts'

/**
 * A sum per row for the time of one request: dense columns with a turn each, so that starting anew costs nothing and
 * only what was touched is walked. Used between `clear` and `top` without an await.
 */
export class Accumulator {
  private sums = new Float64Array(1024)
  private turns = new Uint32Array(1024)
  private touched = new Uint32Array(1024)
  private count = 0
  private turn = 0

  clear(): void {
    this.count = 0
    if (++this.turn === 0xffffffff) {
      this.turns.fill(0)
      this.turn = 1
    }
  }

  add(row: number, amount: number): void {
    if (row >= this.sums.length) this.grow(row + 1)
    if (this.turns[row] === this.turn) {
      this.sums[row] += amount
      return
    }
    this.turns[row] = this.turn
    this.sums[row] = amount
    this.touched[this.count++] = row
  }

  /** The best positive sums of rows that `keep` lets through, rounded first as they are given: ties are ties. */
  top(limit: number, keep: (row: number) => boolean): { rows: Uint32Array; scores: Float32Array } {
    const top = new TopK(limit)
    for (let i = 0; i < this.count; i++) {
      const row = this.touched[i]
      const sum = Math.fround(this.sums[row])
      if (sum >= top.least && this.sums[row] > 0 && keep(row)) top.offer(row, sum)
    }
    return top.take()
  }

  private grow(rows: number): void {
    const length = Math.max(rows, this.sums.length * 2)
    const sums = new Float64Array(length)
    sums.set(this.sums)
    this.sums = sums
    for (const name of ['turns', 'touched'] as const) {
      const grown = new Uint32Array(length)
      grown.set(this[name])
      this[name] = grown
    }
  }
}
