import { Column, SluiceError, TopK, WASM_PAGE, WASM_PAGES_MAX, wasm } from '../../foundation/base/index.ts'
import type { ScanKernels } from './kernels/contract.ts'
import { openKernels } from './kernels/open.ts'
import { Places } from './places.ts'
import { saveIndex } from './save.ts'
import {
  checkCount,
  checkDim,
  checkVector,
  type Found,
  NO_ROW,
  type SearchOptions,
  type VectorIndex,
} from './vector-index.ts'

/** Rows scored between two looks at the results. */
const BLOCK = 16_384
/** Address 0 stays free, so that a forgotten address shows. */
const QUERY_AT = 1024
/** Rows that there is room for at first. */
const ROOM = 1024

/** The kernels read this many floats at a time; vectors are padded with zeros. */
export const padded = (dim: number): number => Math.ceil(dim / 16) * 16

/**
 * Every vector against the query, in float32: the reference that others are judged by, and what serves while a
 * catalogue is small (about 0.3 microseconds per thousand elements). 4 GiB hold 16 M vectors of 64 elements.
 */
export class ExactIndex implements VectorIndex {
  readonly kind = 'exact'
  readonly astray = 0
  readonly dim: number
  private readonly width: number
  private readonly scoresAt: number
  private readonly base: number
  private readonly memory = new wasm.Memory({ initial: 1, maximum: WASM_PAGES_MAX, shared: true })
  private readonly kernels: ScanKernels
  private floats: Float32Array
  private readonly rowAt = new Column(Uint32Array, { initial: NO_ROW })
  private readonly places = new Places()
  private count = 0

  constructor(dim: number) {
    checkDim(dim)
    this.dim = dim
    this.width = padded(dim)
    this.scoresAt = QUERY_AT + this.width * 4
    this.base = this.scoresAt + BLOCK * 4
    this.kernels = openKernels(this.memory)
    this.floats = new Float32Array(this.memory.buffer)
    this.ensure(ROOM)
  }

  /** All vectors of another index, as it keeps them. */
  static of(other: VectorIndex): ExactIndex {
    const index = new ExactIndex(other.dim)
    const vector = new Float32Array(other.dim)
    for (const row of other.rows()) {
      other.read(row, vector)
      index.upsert(row, vector)
    }
    return index
  }

  get size(): number {
    return this.places.size
  }

  get bytes(): number {
    return this.base + this.count * this.width * 4 + this.rowAt.bytes + this.places.bytes
  }

  search(query: Float32Array, k: number, { allow }: SearchOptions = {}): Found {
    checkVector('query', query, this.dim)
    checkCount('the number of results', k)
    const { width, kernels, scoresAt, base } = this
    const rows = this.rowAt.array
    const top = new TopK(Math.min(k, this.size))
    this.floats.set(query, QUERY_AT / 4)
    const scores = new Float32Array(this.memory.buffer, scoresAt, BLOCK)
    for (let from = 0; from < this.count; from += BLOCK) {
      const n = Math.min(BLOCK, this.count - from)
      kernels.floats(QUERY_AT, base + from * width * 4, n, width, scoresAt)
      for (let i = 0; i < n; i++) {
        const score = scores[i]
        if (score < top.least) continue
        const row = rows[from + i]
        if (row !== NO_ROW && (allow === undefined || allow(row))) top.offer(row, score)
      }
    }
    return top.take()
  }

  has(row: number): boolean {
    return this.places.of(row) >= 0
  }

  upsert(row: number, vector: Float32Array): void {
    checkCount('a row', row)
    checkVector('vector', vector, this.dim)
    let place = this.places.of(row)
    if (place < 0) {
      this.ensure(this.count + 1)
      place = this.count++
    }
    this.floats.set(vector, this.base / 4 + place * this.width)
    this.rowAt.ensure(place)
    this.rowAt.array[place] = row
    this.places.set(row, place)
  }

  /** The last vector takes the place of the one that goes. */
  remove(row: number): boolean {
    const place = this.places.of(row)
    if (place < 0) return false
    const { width, floats } = this
    const at = this.base / 4
    const last = --this.count
    const moved = this.rowAt.array[last]
    floats.copyWithin(at + place * width, at + last * width, at + (last + 1) * width)
    this.rowAt.array[place] = moved
    this.rowAt.array[last] = NO_ROW
    this.places.set(moved, place)
    this.places.delete(row)
    return true
  }

  rows(): Uint32Array {
    return this.places.rows()
  }

  read(row: number, out: Float32Array): boolean {
    const place = this.places.of(row)
    if (place < 0) return false
    const at = this.base / 4 + place * this.width
    out.set(this.floats.subarray(at, at + this.dim))
    return true
  }

  save(path: string, name: string): void {
    const rows = this.rows()
    const vectors = new Float32Array(rows.length * this.dim)
    rows.forEach((row, i) => {
      this.read(row, vectors.subarray(i * this.dim, (i + 1) * this.dim))
    })
    saveIndex(path, { kind: 'exact', name, dim: this.dim, size: rows.length }, [rows, vectors])
  }

  private ensure(count: number): void {
    const needed = this.base + count * this.width * 4
    const held = this.memory.buffer.byteLength
    if (needed <= held) return
    const pages = Math.ceil((needed - held) / WASM_PAGE)
    const room = WASM_PAGES_MAX - held / WASM_PAGE
    if (pages > room) throw new SluiceError('ERR_INDEX_FULL', [String(this.size)])
    this.memory.grow(Math.min(room, Math.max(pages, Math.ceil(held / WASM_PAGE / 2))))
    this.floats = new Float32Array(this.memory.buffer)
  }
}
