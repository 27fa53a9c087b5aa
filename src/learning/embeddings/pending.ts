import { mix32 } from '../../foundation/base/index.ts'
import { align, type Records } from './records.ts'

/**
 * The gradients of a step so far: one sum per distinct row, added in order of occurrence, so that equal batches give
 * equal bits. The sums lie in the table's scratch space; place 0 swallows what belongs to padding.
 */
export class Pending {
  private readonly records: Records
  private readonly padding: number
  private rows = new Uint32Array(1024) // by place; [0] is padding
  private cells = new Uint32Array(2048) // place by row, open addressing; 0 is empty
  private places = 1

  constructor(records: Records, padding: number) {
    this.records = records
    this.padding = padding
  }

  /** Distinct rows. */
  get count(): number {
    return this.places - 1
  }

  /** The distinct rows in order of first occurrence. */
  get distinct(): Uint32Array {
    return this.rows.subarray(1, this.places)
  }

  /** Bytes of scratch taken by the sums; what lies behind is free. */
  get bytes(): number {
    return this.places === 1 ? 0 : this.places * this.records.dim * 4
  }

  /** Adds one gradient [dim] per row of `rows`, which may repeat. */
  add(rows: Uint32Array, gradients: Float32Array): void {
    const { records } = this
    const before = this.bytes
    const bytes = (this.places + rows.length) * records.dim * 4
    const placesAt = align(bytes)
    const sourceAt = align(placesAt + rows.length * 4)
    records.scratch(0, sourceAt + gradients.byteLength) // all at once: later addresses then hold
    const places = records.words.subarray(records.scratch(placesAt, 0) / 4)
    for (let i = 0; i < rows.length; i++) places[i] = rows[i] === this.padding ? 0 : this.place(rows[i])
    const sums = records.scratch(0, 0)
    const source = records.scratch(sourceAt, 0)
    records.floats.fill(0, (sums + before) / 4, (sums + this.places * records.dim * 4) / 4)
    records.floats.set(gradients, source / 4)
    records.kernels.scatterAdd(source, records.scratch(placesAt, 0), rows.length, records.dim, sums)
    records.keep(this.bytes)
  }

  /** The sum of the squares of all sums; NaN or Infinity when one is not finite. */
  squares(): number {
    const { records, count } = this
    return count === 0 ? 0 : records.kernels.squares(this.sums, count * records.dim)
  }

  scale(factor: number): void {
    this.records.kernels.scale(this.sums, this.count * this.records.dim, factor)
  }

  /** The address of the first distinct row's sum. */
  get sums(): number {
    return this.records.scratch(this.records.dim * 4, 0)
  }

  /** Writes the distinct rows behind the sums and gives their address. */
  listRows(): number {
    const address = this.records.scratch(align(this.bytes), this.count * 4)
    this.records.words.set(this.distinct, address / 4)
    return address
  }

  clear(): void {
    this.places = 1
    this.cells.fill(0)
    this.records.keep(0)
  }

  private place(row: number): number {
    const mask = this.cells.length - 1
    let cell = mix32(row) & mask
    for (; this.cells[cell] !== 0; cell = (cell + 1) & mask) {
      if (this.rows[this.cells[cell]] === row) return this.cells[cell]
    }
    if (this.places === this.rows.length) {
      this.grow()
      return this.place(row)
    }
    this.cells[cell] = this.places
    this.rows[this.places] = row
    return this.places++
  }

  private grow(): void {
    const old = this.rows
    this.rows = new Uint32Array(old.length * 2)
    this.rows.set(old)
    this.cells = new Uint32Array(this.rows.length * 2)
    const mask = this.cells.length - 1
    for (let place = 1; place < this.places; place++) {
      let cell = mix32(old[place]) & mask
      while (this.cells[cell] !== 0) cell = (cell + 1) & mask
      this.cells[cell] = place
    }
  }
}
