import { SluiceError, WASM_PAGE, type WasmMemory } from '../../../foundation/base/index.ts'
import { Places } from '../places.ts'
import { type IndexBody, type IndexHeader, saveIndex } from '../save.ts'
import { checkCount, checkVector, type Found, NO_ROW, type SearchOptions, type VectorIndex } from '../vector-index.ts'
import type { Borders } from './cells.ts'
import { Coding } from './coding.ts'
import { type IvfLayout, ivfMemory, type IvfShape, layoutOf, SEARCHERS, SIZE } from './layout.ts'
import { type IvfShared, IvfSearcher } from './searcher.ts'

/** Memory is asked for in pieces of this many vectors of the delta. */
const DELTA_STEP = 4096

/**
 * Inverted files over eight-bit codes: vectors lie in cells learnt by k-means, by what differs to those who ask, and a search
 * reads the cells whose mean scores best. A vector that comes later goes into the slack of its cell or, when that is full, into
 * the delta that every search reads; the last of a cell takes the place of one that goes, so nothing dead is read.
 * Elements far beyond those it was built from are cut off: such vectors are found, with too small a score.
 * The owner writes; other threads search the same memory with an `IvfSearcher` over `shared`.
 */
export class IvfIndex implements VectorIndex {
  readonly kind = 'ivf'
  readonly shape: IvfShape
  private readonly memory: WasmMemory<SharedArrayBuffer>
  private readonly layout: IvfLayout
  private readonly searcher: IvfSearcher
  private readonly places = new Places()
  private readonly counters: Int32Array
  private readonly lengths: Int32Array
  private readonly rowAt: Uint32Array
  private codes: Int8Array
  private readonly coding: Coding
  private readonly turned: Float64Array
  private readonly code: Int8Array

  private constructor(memory: WasmMemory<SharedArrayBuffer>, shape: IvfShape) {
    this.shape = shape
    this.layout = layoutOf(shape)
    this.memory = memory
    const { buffer } = memory
    const { layout } = this
    this.counters = new Int32Array(buffer, layout.counters, 2)
    this.lengths = new Int32Array(buffer, layout.lengths, shape.cells + 1)
    this.rowAt = new Uint32Array(buffer, layout.rows, layout.starts[shape.cells + 1])
    this.codes = new Int8Array(buffer, layout.codes)
    this.coding = new Coding(shape.coding)
    this.turned = new Float64Array(shape.dim)
    this.code = new Int8Array(layout.width)
    this.searcher = new IvfSearcher({ memory, shape })
  }

  /** An empty one with these cells: `means` and `borders` as `findCells` gives them, their rows padded to `width`. */
  static make(shape: IvfShape, means: Float32Array, { pulls, bars }: Borders, deltaRows = 0): IvfIndex {
    const index = new IvfIndex(ivfMemory(shape, deltaRows), shape)
    const { layout, memory } = index
    new Float32Array(memory.buffer, layout.means, means.length).set(means)
    new Float32Array(memory.buffer, layout.pulls, pulls.length).set(pulls)
    new Float32Array(memory.buffer, layout.bars, shape.cells).set(bars)
    index.rowAt.fill(NO_ROW)
    return index
  }

  /** Takes over the index that another thread made and will write no more. */
  static adopt({ memory, shape }: IvfShared): IvfIndex {
    const index = new IvfIndex(memory, shape)
    index.findPlaces()
    return index
  }

  get dim(): number {
    return this.shape.dim
  }

  get size(): number {
    return this.places.size
  }

  get bytes(): number {
    return this.memory.buffer.byteLength + this.places.bytes
  }

  get astray(): number {
    return this.size === 0 ? 0 : this.lengths[this.shape.cells] / this.size
  }

  /** Cells that a search reads; more find more and take longer. */
  get probes(): number {
    return this.searcher.probes
  }

  set probes(probes: number) {
    this.searcher.probes = Math.min(this.shape.cells, Math.max(1, probes))
  }

  get shared(): IvfShared {
    return this.searcher.shared
  }

  search(query: Float32Array, k: number, options?: SearchOptions): Found {
    return this.searcher.search(query, k, options)
  }

  has(row: number): boolean {
    return this.places.of(row) >= 0
  }

  upsert(row: number, vector: Float32Array): void {
    checkCount('a row', row)
    checkVector('vector', vector, this.dim)
    this.put(row, vector, this.searcher.cellOf(vector))
  }

  /** As `upsert`, for a vector that was checked and whose cell is known. */
  put(row: number, vector: Float32Array, cell: number): void {
    const held = this.places.of(row)
    if (held < 0) this.append(row, vector, cell)
    else if (this.cellAt(held) === cell || this.roomIn(cell) < 0)
      this.encode(vector, held) // rather in another cell than gone
    else {
      this.takeOut(row, held)
      this.append(row, vector, cell)
    }
  }

  remove(row: number): boolean {
    const place = this.places.of(row)
    if (place < 0) return false
    this.takeOut(row, place)
    return true
  }

  rows(): Uint32Array {
    return this.places.rows()
  }

  read(row: number, out: Float32Array): boolean {
    const place = this.places.of(row)
    if (place < 0) return false
    this.coding.read(this.codes, place * this.layout.width, out)
    return true
  }

  /** Gives every vector another row, all at once: `rowOf` by row held. Those that get -1 go. */
  renumber(rowOf: Int32Array): void {
    const held = this.rows()
    for (const row of held) if (rowOf[row] < 0) this.remove(row)
    for (const row of held) this.places.delete(row)
    const { starts } = this.layout
    for (let cell = 0; cell <= this.shape.cells; cell++) {
      const end = starts[cell] + this.lengths[cell]
      for (let place = starts[cell]; place < end; place++) this.rowAt[place] = rowOf[this.rowAt[place]]
    }
    this.findPlaces()
  }

  save(path: string, name: string): void {
    const { layout, shape, memory } = this
    const deltaRows = this.lengths[shape.cells]
    const places = layout.starts[shape.cells] + deltaRows
    const header: IvfHeader = {
      ...{ kind: 'ivf', name, dim: shape.dim, size: this.size },
      shape: { ...shape, probes: this.probes },
      deltaRows,
    }
    saveIndex(path, header, [
      this.lengths,
      new Float32Array(memory.buffer, layout.means, shape.cells * layout.width),
      new Float32Array(memory.buffer, layout.pulls, shape.cells * layout.width),
      new Float32Array(memory.buffer, layout.bars, shape.cells),
      this.rowAt.subarray(0, places),
      this.codes.subarray(0, places * layout.width),
    ])
  }

  /** Reads the body of a file into a new index. */
  static open(header: IndexHeader, body: IndexBody): IvfIndex {
    const { deltaRows, ...kept } = header as IvfHeader
    const shape = { ...kept.shape, searchers: Math.max(kept.shape.searchers, SEARCHERS) } // older files had fewer
    const { width, starts } = layoutOf(shape)
    const lengths = new Int32Array(shape.cells + 1)
    const means = new Float32Array(shape.cells * width)
    const pulls = new Float32Array(shape.cells * width)
    const bars = new Float32Array(shape.cells)
    for (const part of [lengths, means, pulls, bars]) body.read(part)
    const index = IvfIndex.make(shape, means, { pulls, bars }, deltaRows)
    const places = starts[shape.cells] + deltaRows
    body.read(index.rowAt.subarray(0, places))
    body.read(index.codes.subarray(0, places * width))
    body.finish()
    index.lengths.set(lengths)
    index.findPlaces()
    Atomics.store(index.counters, SIZE, index.size)
    return index
  }

  private findPlaces(): void {
    const { starts } = this.layout
    for (let cell = 0; cell <= this.shape.cells; cell++) {
      const end = starts[cell] + this.lengths[cell]
      for (let place = starts[cell]; place < end; place++) this.places.set(this.rowAt[place], place)
    }
  }

  /** Readers see the length last, so they never read a place that is not filled. */
  private append(row: number, vector: Float32Array, wanted: number): void {
    const cell = this.roomIn(wanted)
    if (cell < 0) throw new SluiceError('ERR_INDEX_FULL', [String(this.size)])
    const length = this.lengths[cell]
    const place = this.layout.starts[cell] + length
    this.reserve(place)
    this.encode(vector, place)
    this.rowAt[place] = row
    this.places.set(row, place)
    Atomics.store(this.lengths, cell, length + 1)
    Atomics.store(this.counters, SIZE, this.size)
  }

  /** The cell that is wanted, or else the delta, when it has room for one more; -1 when neither has. */
  private roomIn(wanted: number): number {
    const { capacities, cells } = this.shape
    return [wanted, cells].find((cell) => this.lengths[cell] < (capacities[cell] as number)) ?? -1
  }

  /** The last of the cell moves into the gap. */
  private takeOut(row: number, place: number): void {
    const { width } = this.layout
    const cell = this.cellAt(place)
    const last = this.layout.starts[cell] + this.lengths[cell] - 1
    const moved = this.rowAt[last]
    this.codes.copyWithin(place * width, last * width, (last + 1) * width)
    this.rowAt[place] = moved
    Atomics.store(this.lengths, cell, this.lengths[cell] - 1)
    this.rowAt[last] = NO_ROW
    this.codes.fill(0, last * width, (last + 1) * width)
    this.places.set(moved, place)
    this.places.delete(row)
    Atomics.store(this.counters, SIZE, this.size)
  }

  private encode(vector: Float32Array, place: number): void {
    this.coding.code(vector, this.turned, this.code)
    this.codes.set(this.code, place * this.layout.width)
  }

  private cellAt(place: number): number {
    const { starts } = this.layout
    let low = 0
    let high = this.shape.cells
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (starts[middle] <= place) low = middle
      else high = middle - 1
    }
    return low
  }

  /** Makes sure that there is memory for a place of the delta. Growing moves nothing: other threads read on. */
  private reserve(place: number): void {
    const { codes, width } = this.layout
    const held = this.memory.buffer.byteLength
    if (codes + (place + 1) * width <= held) return
    try {
      this.memory.grow(Math.ceil((DELTA_STEP * width) / WASM_PAGE))
    } catch (cause) {
      throw new SluiceError('ERR_INDEX_FULL', [String(this.size)], { cause })
    }
    this.codes = new Int8Array(this.memory.buffer, codes)
  }
}

interface IvfHeader extends IndexHeader {
  readonly shape: IvfShape
  readonly deltaRows: number
}
