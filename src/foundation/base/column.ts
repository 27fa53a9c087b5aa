import { grown, type Numbers, type NumbersConstructor, zeros } from './numbers.ts'
import type { Shelf, Shelved } from './shelf.ts'

/**
 * A growable typed array: one value (or `width` values) per row. State lives in columns, never in millions of
 * objects, so that the collector has nothing to walk. Hold the column, not `array`: growth replaces the array.
 */
export class Column<T extends Numbers> implements Shelved {
  array: T
  readonly width: number
  /** Rows that fit without growing. */
  rows: number
  private readonly initial: number

  constructor(make: NumbersConstructor<T>, options: { width?: number; initial?: number; rows?: number } = {}) {
    const { width = 1, initial = 0, rows = 64 } = options
    this.width = width
    this.initial = initial
    this.array = zeros(make, rows * width)
    this.rows = rows
    if (initial !== 0) this.array.fill(initial)
  }

  /** Makes sure that `row` exists; new rows hold the initial value. Doubles, so it is amortised constant. */
  ensure(row: number): void {
    if (row < this.rows) return
    const rows = Math.max(row + 1, this.rows * 2)
    const before = this.array.length
    this.array = grown(this.array, rows * this.width)
    if (this.initial !== 0) this.array.fill(this.initial, before)
    this.rows = rows
  }

  /** Puts the initial value back into every cell of a row. */
  clear(row: number): void {
    if (row < this.rows) this.array.fill(this.initial, row * this.width, (row + 1) * this.width)
  }

  get bytes(): number {
    return this.array.byteLength
  }

  shelve(shelf: Shelf): void {
    this.array = shelf.array('rows', this.array)
    if (this.width > 0) this.rows = this.array.length / this.width
  }
}
