import { Column } from '../../foundation/base/index.ts'

/** Where each row's vector lies: -1 for a row that has none. */
export class Places {
  private readonly column = new Column(Int32Array, { initial: -1 })
  size = 0

  of(row: number): number {
    return row < this.column.rows ? this.column.array[row] : -1
  }

  set(row: number, place: number): void {
    this.column.ensure(row)
    if (this.column.array[row] < 0) this.size++
    this.column.array[row] = place
  }

  delete(row: number): void {
    if (this.of(row) < 0) return
    this.column.array[row] = -1
    this.size--
  }

  /** Rows that have a place, ascending. */
  rows(): Uint32Array {
    const rows = new Uint32Array(this.size)
    let count = 0
    for (let row = 0; count < this.size; row++) if (this.column.array[row] >= 0) rows[count++] = row
    return rows
  }

  get bytes(): number {
    return this.column.bytes
  }
}
