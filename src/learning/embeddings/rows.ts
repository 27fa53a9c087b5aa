import { Column } from '../../foundation/base/index.ts'
import { type Initial, initialiser } from './initial.ts'
import type { KernelKind } from './kernels/open.ts'
import { IntegerKeys } from './keys/integer-keys.ts'
import type { IdKind, Keys } from './keys/keys.ts'
import { TextKeys } from './keys/text-keys.ts'
import { Records } from './records.ts'

/** The trained row shared by all ids that have none of their own. */
export const DEFAULT_ROW = 0
/** The row of positions without an id: always zeros, never trained. */
export const PADDING_ROW = 1
/** Rows that belong to no id. */
export const RESERVED_ROWS = 2

export interface RowsShape {
  readonly ids: IdKind
  readonly dim: number
  /** Floats of optimiser state per row, and what they start from. */
  readonly state: number
  readonly stateInitial: number
  readonly initial: Initial
  readonly seed: string | number
  readonly rowsMax?: number
  readonly kernels?: KernelKind
}

/**
 * Which id has which row, the row's vector, when it was last met and in which version it last changed. Freed rows are
 * given out again, lowest first, so that the next row is a function of the set of rows and not of the past.
 */
export class Rows {
  readonly records: Records
  readonly keys: Keys
  readonly rowsMax: number
  /** Rows in use are below this; it never falls. */
  count = 0
  /** The last closed version. Changes go into the next one. */
  version = 0
  /** Changes before this version are not known one by one. */
  versionMin = 0
  /** Has anything changed since the last version was closed? */
  changed = false
  private readonly shape: RowsShape
  private readonly touched = new Column(Uint32Array, { rows: 1024 }) // seconds since the epoch
  private readonly stamps = new Column(Uint32Array, { rows: 1024 }) // version of the last change
  private readonly fill: ReturnType<typeof initialiser>
  private free: number[] = [] // descending: the lowest is popped

  constructor(shape: RowsShape) {
    const { ids, dim, state, initial, seed, kernels } = shape
    if (!Number.isInteger(dim) || dim < 4 || dim % 4 !== 0 || dim > 4096) {
      throw new RangeError(`Cannot make vectors of ${dim} elements: take a multiple of 4 from 4 to 4096`)
    }
    this.shape = shape
    this.records = new Records({ dim, state, ...(kernels && { kernels }) })
    this.rowsMax = Math.min(shape.rowsMax ?? this.records.rowsMax, this.records.rowsMax)
    this.keys = ids === 'text' ? new TextKeys() : new IntegerKeys()
    this.fill = initialiser(initial, seed)
    this.extend(RESERVED_ROWS)
    this.start(DEFAULT_ROW, 0, 0)
  }

  /** A row for the current id of `keys`, or -1 when the table is full. */
  make(second: number): number {
    const row = this.free.pop() ?? this.count
    if (row >= this.rowsMax) return -1
    this.extend(row + 1)
    this.keys.add(row)
    this.start(row, this.keys.hash, this.keys.hash2)
    this.touched.array[row] = second
    this.stamp(row)
    return row
  }

  /** Takes rows from their ids and wipes them. */
  release(rows: readonly number[]): void {
    if (rows.length === 0) return
    for (const row of rows) {
      this.keys.remove(row)
      this.wipe(row)
      this.touched.array[row] = 0
      this.stamp(row)
    }
    this.free = Array.from(Float64Array.from([...this.free, ...rows]).sort()).reverse()
  }

  touch(row: number, second: number): void {
    if (this.touched.array[row] < second) this.touched.array[row] = second
  }

  /** Marks a row as changed in the version to come. */
  stamp(row: number): void {
    this.stamps.array[row] = this.version + 1
    this.changed = true
  }

  /** Closes the version if anything changed, and gives its number. */
  close(): number {
    if (this.changed) this.version++
    this.changed = false
    return this.version
  }

  /** Rows of ids last met before a second. */
  staleBefore(second: number): number[] {
    const stale: number[] = []
    for (let row = RESERVED_ROWS; row < this.count; row++) {
      if (this.touched.array[row] < second && this.keys.has(row)) stale.push(row)
    }
    return stale
  }

  /** Rows changed after a version. */
  changedSince(version: number): number[] {
    const changed: number[] = []
    for (let row = 0; row < this.count; row++) if (this.stamps.array[row] > version) changed.push(row)
    return changed
  }

  /** Bytes of everything, the unused part of the vectors' memory excepted. */
  get bytes(): number {
    return this.count * this.records.stride + this.keys.bytes + this.touched.bytes + this.stamps.bytes
  }

  /** Makes rows up to a number exist, wiped. */
  extend(rows: number): void {
    if (rows <= this.count) return
    this.records.ensure(rows - 1)
    this.touched.ensure(rows - 1)
    this.stamps.ensure(rows - 1)
    this.records.floats.fill(0, this.records.offset(this.count), this.records.offset(rows))
    this.count = rows
  }

  /** The rows that no id has, lowest last. Called after rows were filled from a file. */
  findFree(): void {
    this.free = []
    for (let row = this.count - 1; row >= RESERVED_ROWS; row--) if (!this.keys.has(row)) this.free.push(row)
  }

  /** When each row was last met and last changed, for a file: views, [count] each. */
  get times(): { touched: Uint32Array<ArrayBuffer>; stamps: Uint32Array<ArrayBuffer> } {
    return {
      touched: this.touched.array.subarray(0, this.count) as Uint32Array<ArrayBuffer>,
      stamps: this.stamps.array.subarray(0, this.count) as Uint32Array<ArrayBuffer>,
    }
  }

  private start(row: number, hash: number, hash2: number): void {
    const { records, shape } = this
    const at = records.offset(row)
    this.fill(hash, hash2, records.floats, at, shape.dim)
    records.floats.fill(shape.stateInitial, at + shape.dim, at + shape.dim + shape.state)
  }

  private wipe(row: number): void {
    const at = this.records.offset(row)
    this.records.floats.fill(0, at, at + this.records.stride / 4)
  }
}
