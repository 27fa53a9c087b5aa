import { SluiceError } from '../../foundation/base/index.ts'
import { Admission, type AdmissionOptions } from './admission.ts'
import type { Initial } from './initial.ts'
import type { KernelKind } from './kernels/open.ts'
import { EMPTY, type IdKind, type Ids } from './keys/keys.ts'
import { Pending } from './pending.ts'
import { align } from './records.ts'
import { DEFAULT_ROW, PADDING_ROW, Rows } from './rows.ts'
import { type SparseOptimiser, type SparseRule, sparseRule } from './sparse-optimiser.ts'
import type { Bag } from './vector-sum.ts'

export interface TableOptions {
  /** What errors and files call it. */
  readonly name: string
  /** Elements of a vector: a multiple of 4, from 4 to 4096. */
  readonly dim: number
  readonly ids: IdKind
  /** Default Adagrad at 0.05. */
  readonly optimiser?: SparseOptimiser
  /** Default normal with deviation 0.02. */
  readonly initial?: Initial
  /** Of the fresh vectors. Default 0. */
  readonly seed?: string | number
  readonly admission?: AdmissionOptions
  /** When so many rows are taken, new ids share the default row. Default: what 4 GiB hold. */
  readonly rowsMax?: number
  /** Default 'wasm' where the machine has SIMD. The twin gives the same bits, slower. */
  readonly kernels?: KernelKind
}

export interface StepOptions {
  /** Learning rate of this step; the optimiser's own when left out. */
  readonly rate?: number
  /** Gradients are multiplied by this first: below 1 when they are clipped. */
  readonly scale?: number
  /** What `squares` gave for these gradients, where it was asked already. */
  readonly squares?: number
}

/**
 * Vectors for an open-ended set of ids, outside the graph. A training step is
 *
 *     const rows = table.lookup(ids, now) // ids may repeat; new ones get a row once they are frequent enough
 *     const vectors = table.gather(rows) // [n, dim], fed to the graph
 *     table.apply(rows, gradients) // d loss / d vectors, [n, dim]
 *
 * and serving only calls `find` and `gather`. Not safe to share between threads: one owner changes it, copies follow
 * by snapshot and delta.
 */
export class EmbeddingTable {
  readonly options: Required<Omit<TableOptions, 'rowsMax' | 'kernels'>> & Pick<TableOptions, 'rowsMax' | 'kernels'>
  readonly dim: number
  /** Optimiser steps done. */
  steps = 0
  /** The stores beneath, for files of this room. */
  readonly rows: Rows
  readonly admission: Admission
  private readonly rule: SparseRule
  private readonly pending: Pending

  constructor(options: TableOptions) {
    const {
      optimiser = { kind: 'adagrad', rate: 0.05 },
      initial = { shape: 'normal', deviation: 0.02 },
      seed = 0,
      admission = {},
    } = options
    this.options = { ...options, optimiser, initial, seed, admission }
    this.dim = options.dim
    this.rule = sparseRule(optimiser)
    this.admission = new Admission(admission)
    const state = this.rule.state(options.dim)
    this.rows = new Rows({ ...options, initial, seed, state, stateInitial: this.rule.initial })
    this.pending = new Pending(this.rows.records, PADDING_ROW)
  }

  get name(): string {
    return this.options.name
  }

  /** Ids that have a row of their own. */
  get size(): number {
    return this.rows.keys.size
  }

  /** The last closed version: that of the last snapshot or delta. */
  get version(): number {
    return this.rows.version
  }

  /** Bytes of everything held, and per id with a row. The vectors' memory counts as far as it is used. */
  get memory(): { readonly bytes: number; readonly perId: number } {
    const bytes = this.rows.bytes + this.admission.counters.byteLength
    return { bytes, perId: this.size === 0 ? 0 : bytes / this.size }
  }

  /**
   * The rows of ids, for training: counts them, gives frequent new ones a row and notes when they were met (`at`, in
   * ms). Ids without a row get DEFAULT_ROW, empty ones PADDING_ROW.
   */
  lookup(ids: Ids, at: number, out = new Uint32Array(ids.length)): Uint32Array {
    this.trained('look up for training in')
    const { rows } = this
    const { keys } = rows
    const second = Math.floor(at / 1000)
    keys.findAll(ids, out)
    for (let i = 0; i < ids.length; i++) {
      if (out[i] < EMPTY) rows.touch(out[i], second)
      else if (out[i] === EMPTY) out[i] = PADDING_ROW
      else out[i] = this.admit(ids, i, second)
    }
    return out
  }

  /** The rows of ids, changing nothing. */
  find(ids: Ids, out = new Uint32Array(ids.length)): Uint32Array {
    this.rows.keys.findAll(ids, out)
    for (let i = 0; i < ids.length; i++) {
      if (out[i] >= EMPTY) out[i] = out[i] === EMPTY ? PADDING_ROW : DEFAULT_ROW
    }
    return out
  }

  /**
   * The vectors of rows, [n, dim]. Without `out` it is a view of the table's memory, good until the next call that
   * takes rows or gradients: feed it at once, or give an array of your own.
   */
  gather(rows: Uint32Array, out?: Float32Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
    const { records } = this.rows
    this.check(rows)
    const length = rows.length * this.dim
    if (out && out.length < length) {
      throw new RangeError(`Cannot gather ${rows.length} rows of "${this.name}" into ${out.length} numbers: ${length}`)
    }
    const rowsAt = align(this.pending.bytes)
    const outAt = align(rowsAt + rows.byteLength, 64)
    const address = records.scratch(outAt, length * 4)
    records.words.set(rows, records.scratch(rowsAt, 0) / 4)
    const { base, stride, dim } = records
    records.kernels.gather(base, stride, records.scratch(rowsAt, 0), rows.length, dim, address)
    const view = records.floats.subarray(address / 4, address / 4 + length)
    if (!out) return view
    out.set(view)
    return out
  }

  /** One step with the gradients of one gather, [n, dim]. */
  apply(rows: Uint32Array, gradients: Float32Array, options?: StepOptions): void {
    this.accumulate(rows, gradients)
    this.step(options)
  }

  /**
   * Adds gradients to those of the step to come: one per row [n, dim], or one per place of a bag [places, dim], of which
   * each row takes its share.
   */
  accumulate(rows: Uint32Array, gradients: Float32Array, bag?: Bag): void {
    this.trained('add gradients to')
    this.check(rows)
    if (bag === undefined && gradients.length !== rows.length * this.dim) {
      const wanted = `${rows.length} x ${this.dim}`
      throw new RangeError(`Cannot add ${gradients.length} gradients to "${this.name}": wanted ${wanted}`)
    }
    if (bag) this.checkBag(rows, gradients, bag)
    this.pending.add(rows, gradients, bag)
  }

  /** Puts the vectors of rows at zeros; what the optimiser knows of them stays. */
  zero(rows: Uint32Array): void {
    this.trained('put at zeros rows of')
    this.check(rows)
    const { records } = this.rows
    for (const row of rows) {
      records.floats.fill(0, records.offset(row), records.offset(row) + this.dim)
      this.rows.stamp(row)
    }
  }

  /** The squared length of the gradients so far; NaN or Infinity when one is not finite. */
  squares(): number {
    return this.pending.squares()
  }

  /** Changes the rows that have gradients, each once. ERR_GRADIENT_NOT_FINITE drops the gradients, changing nothing. */
  step({ rate = this.rule.rate, scale = 1, squares = this.squares() }: StepOptions = {}): void {
    const { rows, pending } = this
    if (!Number.isFinite(squares * scale)) {
      this.discard()
      throw new SluiceError('ERR_GRADIENT_NOT_FINITE', [`embedding table "${this.name}"`, String(this.steps + 1)])
    }
    this.steps++
    if (pending.count > 0) {
      if (scale !== 1) pending.scale(scale)
      this.rule.apply(rows.records, pending.listRows(), pending.count, pending.sums, rate, this.steps)
      for (const row of pending.distinct) rows.stamp(row)
    }
    this.discard()
  }

  /** Forgets the gradients so far. */
  discard(): void {
    this.pending.clear()
  }

  /** Takes the rows of ids last met before a moment (ms). Gives how many. */
  evict(before: number): number {
    this.trained('evict from')
    this.settle('evict from')
    const stale = this.rows.staleBefore(Math.floor(before / 1000))
    this.rows.release(stale)
    return stale.length
  }

  /** Erases ids and their vectors. Gives how many had a row. */
  forget(ids: Ids): number {
    this.trained('forget ids of')
    this.settle('forget ids of')
    const found = new Set<number>()
    const { keys } = this.rows
    for (let i = 0; i < ids.length; i++) {
      const row = keys.read(ids, i) ? keys.find() : -1
      if (row >= 0) found.add(row)
    }
    this.rows.release([...found])
    return found.size
  }

  /** The row of an id that had none when the batch began: made, or made a moment ago, or the default one. */
  private admit(ids: Ids, i: number, second: number): number {
    const { keys } = this.rows
    keys.read(ids, i)
    const found = keys.find()
    if (found >= 0) return found
    return this.admission.admits(keys.hash, keys.hash2) ? Math.max(DEFAULT_ROW, this.rows.make(second)) : DEFAULT_ROW
  }

  private trained(what: string): void {
    if (this.options.optimiser.kind !== 'none') return
    throw new TypeError(`Cannot ${what} "${this.name}": it is a copy for serving, which finds and gathers only`)
  }

  private settle(what: string): void {
    if (this.pending.count > 0) throw new TypeError(`Cannot ${what} "${this.name}" amid a step: step or discard first`)
  }

  private checkBag({ length }: Uint32Array, gradients: Float32Array, { owners, shares }: Bag): void {
    const places = gradients.length / this.dim
    const most = owners.reduce((a, b) => Math.max(a, b), 0)
    if (owners.length === length && shares.length === length && (length === 0 || most < places)) return
    const got = `${owners.length} owners and ${shares.length} shares`
    throw new RangeError(`Cannot add gradients of ${length} rows to "${this.name}": ${got}, ${places} places`)
  }

  private check(rows: Uint32Array): void {
    const { count } = this.rows
    for (let i = 0; i < rows.length; i++) {
      if (rows[i] >= count) throw new RangeError(`Cannot use row ${rows[i]} of "${this.name}": it has ${count}`)
    }
  }
}
