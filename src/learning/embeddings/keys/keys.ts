/** Many ids in one call. Text ids as strings; whole numbers as uint32 (row numbers) or as uint64. */
export type Ids = readonly string[] | Uint32Array | BigUint64Array

/** What a table's ids are. A table of integers takes both widths: 7 and 7n are the same id. */
export type IdKind = 'text' | 'integer'

/** Means "no id here" in a batch, and is never given a row: '' in text, the largest number in integers. */
export const NO_ID = { text: '', uint32: 0xffff_ffff, uint64: 0xffff_ffff_ffff_ffffn } as const

/** What `findAll` writes for an id without a row, and where there is no id. */
export const ABSENT = 0xffff_ffff
export const EMPTY = 0xffff_fffe

/**
 * Ids to rows and back. Exact: an id is compared whole, so two ids never share a row. Open addressing over row
 * numbers, at most half full; removal shifts back and leaves no grave. `read` makes an id the current one, and the
 * other calls are about it, so that a batch of thousands allocates nothing.
 */
export abstract class Keys {
  /** Two hashes of the current id, 32 bits each. */
  hash = 0
  hash2 = 0
  protected slots = new Uint32Array(1024) // row + 1, 0 is empty
  private count = 0

  abstract readonly kind: IdKind

  /** Makes ids[i] the current id; false when there is none. */
  abstract read(ids: Ids, i: number): boolean

  /** The rows of a batch, or ABSENT or EMPTY, into `out`. The same as `read` and `find` one by one, in a tight loop. */
  findAll(ids: Ids, out: Uint32Array): void {
    for (let i = 0; i < ids.length; i++) {
      const row = this.read(ids, i) ? this.find() : -2
      out[i] = row >>> 0
    }
  }

  /** Has this row an id? */
  abstract has(row: number): boolean

  /** The id of a row as text; the empty string when it has none. */
  abstract name(row: number): string

  /** The ids of rows [from, to) or of the rows listed, as bytes for a file; rows without an id have an empty one. */
  abstract encode(rows: Iterable<number>, count: number): Uint8Array[]

  /** Reads what `encode` wrote for so many rows, or gives undefined when the bytes do not fit. */
  abstract decode(bytes: Uint8Array, count: number): Ids | undefined

  /** Bytes held, all told. */
  get bytes(): number {
    return this.slots.byteLength + this.ownBytes
  }

  /** Ids that have a row. */
  get size(): number {
    return this.count
  }

  /** The row of the current id, or -1. */
  find(): number {
    const mask = this.slots.length - 1
    for (let slot = this.hash & mask; ; slot = (slot + 1) & mask) {
      const held = this.slots[slot]
      if (held === 0) return -1
      if (this.isCurrent(held - 1)) return held - 1
    }
  }

  /** Gives the current id, which has no row, this one. */
  add(row: number): void {
    if ((this.count + 1) * 2 > this.slots.length) this.grow()
    this.keep(row)
    this.place(row, this.hash)
    this.count++
  }

  /** Takes a row's id away; nothing when it has none. */
  remove(row: number): void {
    if (!this.has(row)) return
    const mask = this.slots.length - 1
    let hole = this.hashOf(row) & mask
    while (this.slots[hole] !== row + 1) hole = (hole + 1) & mask
    for (let slot = (hole + 1) & mask; this.slots[slot] !== 0; slot = (slot + 1) & mask) {
      const home = this.hashOf(this.slots[slot] - 1) & mask
      if (((slot - home) & mask) < ((slot - hole) & mask)) continue
      this.slots[hole] = this.slots[slot]
      hole = slot
    }
    this.slots[hole] = 0
    this.drop(row)
    this.count--
  }

  /** Makes room for so many ids at once. */
  reserve(ids: number): void {
    while (ids * 2 > this.slots.length) this.grow()
  }

  protected abstract readonly ownBytes: number
  protected abstract isCurrent(row: number): boolean
  protected abstract hashOf(row: number): number
  protected abstract keep(row: number): void
  protected abstract drop(row: number): void

  private place(row: number, hash: number): void {
    const mask = this.slots.length - 1
    let slot = hash & mask
    while (this.slots[slot] !== 0) slot = (slot + 1) & mask
    this.slots[slot] = row + 1
  }

  private grow(): void {
    const old = this.slots
    this.slots = new Uint32Array(old.length * 2)
    for (let i = 0; i < old.length; i++) {
      const held = old[i]
      if (held !== 0) this.place(held - 1, this.hashOf(held - 1))
    }
  }
}
