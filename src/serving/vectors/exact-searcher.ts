import { TopK, type WasmMemory } from '../../foundation/base/index.ts'
import type { ScanKernels } from './kernels/contract.ts'
import { openKernels } from './kernels/open.ts'
import { checkCount, checkVector, type Found, type SearchOptions } from './vector-index.ts'

/** Rows scored between two looks at the results. */
export const BLOCK = 16_384
/** Address 0 stays free, so that a forgotten address shows. Here stands how many vectors there are. */
const COUNT_AT = 1024
const SCRATCH_AT = 2048
/** Threads that may search at once, the writer included. */
export const SEARCHERS = 20

/** The kernels read this many floats at a time; vectors are padded with zeros. */
export const padded = (dim: number): number => Math.ceil(dim / 16) * 16

/** What another thread needs to search the same index: send it in a message. */
export interface ExactShared {
  readonly memory: WasmMemory<SharedArrayBuffer>
  readonly dim: number
}

/** Where things lie in the memory, in bytes: scratch of each thread, then block by block the rows of its vectors and they. */
export class ExactLayout {
  readonly width: number
  private readonly scratchBytes: number
  private readonly base: number
  private readonly blockBytes: number

  constructor(dim: number) {
    this.width = padded(dim)
    this.scratchBytes = (this.width + BLOCK) * 4
    this.base = SCRATCH_AT + SEARCHERS * this.scratchBytes
    this.blockBytes = BLOCK * 4 * (1 + this.width)
  }

  queryAt(slot: number): number {
    return SCRATCH_AT + slot * this.scratchBytes
  }

  scoresAt(slot: number): number {
    return this.queryAt(slot) + this.width * 4
  }

  rowAt(place: number): number {
    return this.base + Math.floor(place / BLOCK) * this.blockBytes + (place % BLOCK) * 4
  }

  vectorAt(place: number): number {
    return this.base + Math.floor(place / BLOCK) * this.blockBytes + BLOCK * 4 + (place % BLOCK) * this.width * 4
  }

  /** The end of the memory that so many vectors need. */
  endOf(count: number): number {
    return count === 0 ? this.base : this.vectorAt(count - 1) + this.width * 4
  }
}

/** Searches an exact index from one thread. Nobody may write meanwhile. */
export class ExactSearcher {
  readonly shared: ExactShared
  readonly layout: ExactLayout
  /** The memory as it is now: it grows. */
  floats: Float32Array
  rows: Uint32Array
  private readonly kernels: ScanKernels
  private readonly slot: number

  /** `slot`: the scratch of this thread, 0 for the writer's. */
  constructor(shared: ExactShared, slot: number) {
    if (slot >= SEARCHERS) throw new RangeError(`Cannot search with thread ${slot}: there is room for ${SEARCHERS}`)
    this.shared = shared
    this.slot = slot
    this.layout = new ExactLayout(shared.dim)
    this.kernels = openKernels(shared.memory)
    this.floats = new Float32Array(shared.memory.buffer)
    this.rows = new Uint32Array(shared.memory.buffer)
  }

  /** Vectors that it holds. */
  get count(): number {
    return this.rows[COUNT_AT / 4]
  }

  set count(count: number) {
    this.rows[COUNT_AT / 4] = count
  }

  /** Takes up memory that was added. */
  renew(): void {
    const { buffer } = this.shared.memory
    if (buffer.byteLength === this.floats.byteLength) return
    this.floats = new Float32Array(buffer)
    this.rows = new Uint32Array(buffer)
  }

  search(query: Float32Array, k: number, { allow }: SearchOptions = {}): Found {
    checkVector('query', query, this.shared.dim)
    checkCount('the number of results', k)
    this.renew()
    const { layout, kernels, slot, rows, count } = this
    const top = new TopK(Math.min(k, count))
    const queryAt = layout.queryAt(slot)
    const scoresAt = layout.scoresAt(slot)
    this.floats.set(query, queryAt / 4)
    const scores = this.floats.subarray(scoresAt / 4, scoresAt / 4 + BLOCK)
    for (let from = 0; from < count; from += BLOCK) {
      const n = Math.min(BLOCK, count - from)
      kernels.floats(queryAt, layout.vectorAt(from), n, layout.width, scoresAt)
      const first = layout.rowAt(from) / 4
      for (let i = 0; i < n; i++) {
        const score = scores[i]
        if (score < top.least) continue
        const row = rows[first + i]
        if (allow === undefined || allow(row)) top.offer(row, score)
      }
    }
    return top.take()
  }
}
