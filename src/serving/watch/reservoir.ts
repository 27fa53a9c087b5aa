import type { Random } from '../../foundation/base/index.ts'

/**
 * A fair sample of bounded size of all rows that came by since it was emptied (algorithm R, Vitter 1985): each is in it
 * with equal probability, however many there were.
 */
export class Reservoir {
  private readonly rows: number
  private readonly width: number
  private readonly cells: Float32Array
  private readonly random: Random
  private seen = 0

  constructor(rows: number, width: number, random: Random) {
    this.rows = rows
    this.width = width
    this.cells = new Float32Array(rows * width)
    this.random = random
  }

  get count(): number {
    return Math.min(this.seen, this.rows)
  }

  offer(row: ArrayLike<number>): void {
    const place = this.seen < this.rows ? this.seen : this.random.int(this.seen + 1)
    this.seen++
    if (place < this.rows) this.cells.set(row, place * this.width)
  }

  column(index: number): Float32Array {
    return Float32Array.from({ length: this.count }, (_, row) => this.cells[row * this.width + index])
  }

  empty(): void {
    this.seen = 0
  }
}
