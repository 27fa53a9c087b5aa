import { Marks } from '../../foundation/base/index.ts'

/** Remembers a value per row during one fill: many items share a category or a creator. */
export class RowMemo {
  private readonly known = new Marks()
  private values = new Float64Array(1024)

  clear(): void {
    this.known.clear()
  }

  /** NaN when not remembered. */
  get(row: number): number {
    return this.known.has(row) ? this.values[row] : Number.NaN
  }

  set(row: number, value: number): number {
    if (row >= this.values.length) {
      const grown = new Float64Array(Math.max(row + 1, this.values.length * 2))
      grown.set(this.values)
      this.values = grown
    }
    this.known.add(row)
    this.values[row] = value
    return value
  }
}
