import { WASM_PAGE, WASM_PAGES_MAX, wasm, type WasmMemory } from '../../../foundation/base/index.ts'
import { padded } from '../exact-searcher.ts'
import type { CodingShape } from './coding.ts'

/**
 * Sizes and constants of one inverted file: enough, with the memory, to search it from any thread. Vectors lie cell by
 * cell; a cell has slack for later ones. What comes when a cell is full goes to the last cell, the delta, which every
 * search reads.
 */
export interface IvfShape {
  readonly dim: number
  /** Cells without the delta. */
  readonly cells: number
  /** Vectors that there is room for, by cell; the delta last. */
  readonly capacities: readonly number[]
  readonly coding: CodingShape
  /** Cells read by a search. */
  readonly probes: number
  /** Threads that may search at once, the writer included. */
  readonly searchers: number
}

/** Threads that may search at once when nobody says how many: one per thread that makes slates, and some that build. */
export const SEARCHERS = 20
/** Rows scored by one call of a kernel at most. */
export const BLOCK = 16_384
/** Address 0 stays free, so that a forgotten address shows. */
const BASE = 1024
/** Numbers that threads share: vectors held; scratch spaces in use, a bit each. */
export const SIZE = 0
export const IN_USE = 1
/** Bits of that number. */
export const SEARCHERS_MAX = 31

/** Where things lie in the memory: addresses in bytes, multiples of 64. */
export interface IvfLayout {
  readonly width: number
  readonly counters: number
  /** Int32 [cells + 1] */
  readonly lengths: number
  /** Float32 [cells x width]: the mean of each cell's vectors; a query reads the cells with the greatest products first */
  readonly means: number
  /** Float32 [cells x width] and [cells]: what tells the cell of a vector, see `Borders` */
  readonly pulls: number
  readonly bars: number
  /** Uint32 [places] */
  readonly rows: number
  readonly scratch: number
  readonly scratchBytes: number
  /** Int8 [places x width] */
  readonly codes: number
  /** First place of each cell, the delta last; one more for the end. */
  readonly starts: Uint32Array
}

export function layoutOf({ dim, cells, capacities, searchers }: IvfShape): IvfLayout {
  const width = padded(dim)
  const starts = new Uint32Array(cells + 2)
  for (let c = 0; c <= cells; c++) starts[c + 1] = starts[c] + (capacities[c] ?? 0)
  const places = starts[cells + 1]
  let end = BASE
  const take = (bytes: number): number => {
    const at = end
    end = Math.ceil((end + bytes) / 64) * 64
    return at
  }
  const scratchBytes = Math.ceil((width * 6 + cells * 4 + BLOCK * 8 + 256) / 64) * 64
  return {
    width,
    counters: take(64),
    lengths: take((cells + 1) * 4),
    means: take(cells * width * 4),
    pulls: take(cells * width * 4),
    bars: take(cells * 4),
    rows: take(places * 4),
    scratch: take(scratchBytes * searchers),
    scratchBytes,
    codes: take(0),
    starts,
  }
}

/** Memory for all cells; that of the delta comes as it is needed. @throws RangeError beyond 4 GiB */
export function ivfMemory(shape: IvfShape, deltaRows: number): WasmMemory<SharedArrayBuffer> {
  const { codes, starts, width } = layoutOf(shape)
  const bytes = codes + (starts[shape.cells] + deltaRows) * width
  const initial = Math.ceil(bytes / WASM_PAGE) + 1
  if (initial > WASM_PAGES_MAX)
    throw new RangeError(
      `Cannot keep ${starts[shape.cells]} vectors of ${shape.dim} elements in one index: it ends at 4 GiB`,
    )
  return new wasm.Memory({ initial, maximum: WASM_PAGES_MAX, shared: true })
}
