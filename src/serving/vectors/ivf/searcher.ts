import { TopK, type WasmMemory } from '../../../foundation/base/index.ts'
import type { ScanKernels } from '../kernels/contract.ts'
import { openKernels } from '../kernels/open.ts'
import { checkCount, checkVector, type Found, NO_ROW, type SearchOptions } from '../vector-index.ts'
import { Coding } from './coding.ts'
import { BLOCK, IN_USE, type IvfLayout, type IvfShape, layoutOf, SIZE } from './layout.ts'
import { Pool } from './pool.ts'

/** What another thread needs to search the same index: send it in a message. */
export interface IvfShared {
  readonly memory: WasmMemory<SharedArrayBuffer>
  readonly shape: IvfShape
}

/** A query's largest element becomes this, or as much as lets the products with codes sum up in 32 bits. */
const QUERY_MAX = 8191
const sumsUp = (width: number) => Math.min(QUERY_MAX, Math.floor(0x7fff_ffff / (127 * width)))
/** A filtered search reads on until it has this many times the results wanted, so that they are the best of many. */
const FILTER_FILL = 8

/** Searches an inverted file from one thread; threads do not wait for one another, nor for the writer. */
export class IvfSearcher {
  /** Places to read, in the order of the query's cells; tuned when it was built. */
  probes: number
  private readonly slot: number
  private readonly memory: WasmMemory<SharedArrayBuffer>
  private readonly shape: IvfShape
  private readonly layout: IvfLayout
  private readonly kernels: ScanKernels
  private readonly pool = new Pool()
  private readonly coding: Coding
  private readonly weights: Float64Array
  private readonly floats: Float32Array
  private readonly shorts: Int16Array
  private readonly cellScores: Float32Array
  private readonly places: Uint32Array
  private readonly scores: Int32Array
  private readonly lengths: Int32Array
  private readonly bars: Float32Array
  private readonly rows: Uint32Array
  private readonly counters: Int32Array
  private readonly at: { query: number; codes: number; cells: number; places: number; scores: number }

  /**
   * `own`: the scratch space of this thread, when somebody else gives them out; by default the first that is free.
   * @throws RangeError when as many search already as it was built for
   */
  constructor({ memory, shape }: IvfShared, own?: number) {
    const layout = layoutOf(shape)
    const { width } = layout
    const { buffer } = memory
    this.counters = new Int32Array(buffer, layout.counters, 2)
    const slot = own === undefined ? claim(this.counters, shape.searchers) : hold(this.counters, shape.searchers, own)
    this.slot = slot
    this.memory = memory
    this.shape = shape
    this.layout = layout
    this.probes = shape.probes
    this.coding = new Coding(shape.coding)
    this.weights = new Float64Array(shape.dim)
    this.kernels = openKernels(memory)
    const query = layout.scratch + slot * layout.scratchBytes
    const codes = query + width * 4
    const cells = codes + width * 2
    const places = cells + Math.ceil(shape.cells / 4) * 16
    this.at = { query, codes, cells, places, scores: places + BLOCK * 4 }
    this.floats = new Float32Array(buffer, query, width)
    this.shorts = new Int16Array(buffer, codes, width)
    this.cellScores = new Float32Array(buffer, cells, shape.cells)
    this.places = new Uint32Array(buffer, places, BLOCK)
    this.scores = new Int32Array(buffer, this.at.scores, BLOCK)
    this.lengths = new Int32Array(buffer, layout.lengths, shape.cells + 1)
    this.bars = new Float32Array(buffer, layout.bars, shape.cells)
    this.rows = new Uint32Array(buffer, layout.rows, layout.starts[shape.cells + 1])
  }

  get size(): number {
    return Atomics.load(this.counters, SIZE)
  }

  get shared(): IvfShared {
    return { memory: this.memory, shape: { ...this.shape, probes: this.probes } }
  }

  search(query: Float32Array, k: number, { allow }: SearchOptions = {}): Found {
    checkVector('query', query, this.shape.dim)
    checkCount('the number of results', k)
    const { pool } = this
    const { unit, offset } = this.take(query)
    this.scoreCells()
    const enough = allow === undefined ? k : k * FILTER_FILL
    pool.begin(k)
    this.scan(this.shape.cells, allow) // the delta
    const first = this.bestCells(this.probes)
    for (const cell of first) this.scan(cell, allow)
    if (pool.seen < enough && pool.seen < this.size && first.length < this.shape.cells) {
      const all = this.bestCells(this.shape.cells)
      for (let i = first.length; i < all.length && pool.seen < enough; i++) this.scan(all[i], allow)
    }
    return pool.best(unit, offset)
  }

  /** Gives its scratch space to the next: it must not search any more. */
  release(): void {
    Atomics.and(this.counters, IN_USE, ~(1 << this.slot))
  }

  /** The cell that a vector belongs to, the first of equals. */
  cellOf(vector: Float32Array): number {
    this.floats.set(vector)
    const { kernels, layout, at, shape, cellScores, bars } = this
    kernels.floats(at.query, layout.pulls, shape.cells, layout.width, at.cells)
    let best = 0
    for (let cell = 1; cell < shape.cells; cell++)
      if (cellScores[cell] - bars[cell] > cellScores[best] - bars[best]) best = cell
    return best
  }

  /** Puts the query into the scratch; a score is `offset` and `unit` times the product of codes. */
  private take(query: Float32Array): { readonly unit: number; readonly offset: number } {
    const { shorts, floats, weights } = this
    const offset = this.coding.ask(query, weights)
    let most = 0
    for (let d = 0; d < weights.length; d++) most = Math.max(most, Math.abs(weights[d]))
    const factor = sumsUp(this.layout.width) / most
    for (let d = 0; d < weights.length; d++) shorts[d] = Math.round(weights[d] * factor)
    floats.set(query)
    return { unit: 1 / factor, offset }
  }

  /** The mean inner product of each cell's vectors. */
  private scoreCells(): void {
    const { kernels, layout, at, shape } = this
    kernels.floats(at.query, layout.means, shape.cells, layout.width, at.cells)
  }

  private bestCells(n: number): Uint32Array {
    const { cellScores, shape } = this
    const top = new TopK(Math.min(n, shape.cells))
    for (let cell = 0; cell < shape.cells; cell++) {
      if (cellScores[cell] >= top.least) top.offer(cell, cellScores[cell])
    }
    return top.take().rows
  }

  private scan(cell: number, allow: SearchOptions['allow']): void {
    const start = this.layout.starts[cell]
    const length = Atomics.load(this.lengths, cell)
    for (let from = 0; from < length; from += BLOCK) {
      const n = Math.min(BLOCK, length - from)
      if (allow === undefined) this.scanRun(start + from, n)
      else this.scanAllowed(start + from, n, allow)
    }
  }

  private scanRun(first: number, n: number): void {
    const { kernels, layout, at, scores, rows, places, pool } = this
    const codes = layout.codes + first * layout.width
    const count = kernels.bytesFrom(at.codes, codes, n, layout.width, pool.least, at.scores, at.places)
    pool.add(n, scores, count, rows, places, first)
  }

  private scanAllowed(first: number, n: number, allow: (row: number) => boolean): void {
    const { kernels, layout, at, scores, rows, places, pool } = this
    let count = 0
    for (let place = first; place < first + n; place++) {
      if (rows[place] !== NO_ROW && allow(rows[place])) places[count++] = place
    }
    if (count === 0) return
    kernels.bytesOf(at.codes, layout.codes, at.places, count, layout.width, at.scores)
    pool.add(count, scores, count, rows, places)
  }
}

/** Takes a given scratch space: nobody else is given it. @throws RangeError when there is no such one */
function hold(counters: Int32Array, searchers: number, slot: number): number {
  if (slot < 0 || slot >= searchers) throw full(searchers)
  Atomics.or(counters, IN_USE, 1 << slot)
  return slot
}

/** Takes the first scratch space that is free. @throws RangeError when none is */
function claim(counters: Int32Array, searchers: number): number {
  for (let slot = 0; slot < searchers; slot++) {
    const bit = 1 << slot
    if ((Atomics.or(counters, IN_USE, bit) & bit) === 0) return slot
  }
  throw full(searchers)
}

function full(searchers: number): RangeError {
  return new RangeError(`Cannot search with another thread: the index was built for ${searchers}`)
}
