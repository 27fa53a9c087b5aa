import { mix32 } from '../../foundation/base/index.ts'
import { align, type Records } from './records.ts'
import type { Bag } from './vector-sum.ts'

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

  /** Adds one gradient [dim] per row of `rows`, which may repeat. Of bags, each row has a share of its owner's. */
  add(rows: Uint32Array, gradients: Float32Array, bag?: Bag): void {
    const { records } = this
    const { kernels, dim } = records
    const before = this.bytes
    const placesAt = align((this.places + rows.length) * dim * 4)
    const ownersAt = align(placesAt + rows.length * 4)
    const sharesAt = align(ownersAt + (bag?.owners.byteLength ?? 0))
    const sourceAt = align(sharesAt + (bag?.shares.byteLength ?? 0))
    records.scratch(0, sourceAt + gradients.byteLength) // all at once: later addresses then hold
    const [sums, places, owners, shares, source] = [0, placesAt, ownersAt, sharesAt, sourceAt].map((offset) =>
      records.scratch(offset, 0),
    ) as [number, number, number, number, number]
    this.placeAll(rows, records.words.subarray(places / 4, places / 4 + rows.length))
    records.floats.fill(0, (sums + before) / 4, (sums + this.places * dim * 4) / 4)
    records.floats.set(gradients, source / 4)
    if (bag === undefined) kernels.scatterAdd(source, places, rows.length, dim, sums)
    else {
      records.words.set(bag.owners, owners / 4)
      records.floats.set(bag.shares, shares / 4)
      kernels.scatterShares(source, owners, shares, places, rows.length, dim, sums)
    }
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

  /** The place of each row, 0 for padding; new rows get the next one. */
  private placeAll(rows: Uint32Array, out: Uint32Array): void {
    while (this.places + rows.length > this.rows.length) this.grow()
    const { padding, cells, rows: known } = this
    const mask = cells.length - 1
    let next = this.places
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] | 0 // int32 throughout: twice as fast as uint32
      if (row === padding) {
        out[i] = 0
        continue
      }
      let cell = mix32(row) & mask
      let place = cells[cell] | 0
      while (place !== 0 && (known[place] | 0) !== row) {
        cell = (cell + 1) & mask
        place = cells[cell] | 0
      }
      if (place === 0) {
        place = next++
        cells[cell] = place
        known[place] = row
      }
      out[i] = place
    }
    this.places = next
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
