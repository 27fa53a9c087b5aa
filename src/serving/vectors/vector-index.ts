/** What a search found: rows, best first, ties by row, each once, with its inner product with the query. */
export interface Found {
  readonly rows: Uint32Array
  readonly scores: Float32Array
}

export interface SearchOptions {
  /** May this row be found? Pure. Fewer than `k` come back only when fewer are allowed. */
  readonly allow?: (row: number) => boolean
}

/**
 * Vectors by row, and for a query those with the greatest inner products. What is put is found by the very next
 * search, what is removed by none. Equal contents and queries give equal answers, whatever the order of the changes.
 * One writer; reads and writes take turns. Vectors and queries are [dim], finite and not zero; others are refused with
 * RangeError and change nothing.
 */
export interface VectorIndex {
  readonly kind: string
  readonly dim: number
  /** Vectors that can be found. */
  readonly size: number
  /** Memory it holds. */
  readonly bytes: number
  /** Share of the vectors that came after it was built and lie outside its order, 0 to 1: beyond some, build it anew. */
  readonly astray: number
  search(query: Float32Array, k: number, options?: SearchOptions): Found
  has(row: number): boolean
  /** Adds a vector, or replaces the row's. @throws SluiceError ERR_INDEX_FULL when there is no room for another */
  upsert(row: number, vector: Float32Array): void
  /** False when there was none. */
  remove(row: number): boolean
  /** The rows, ascending. */
  rows(): Uint32Array
  /** Copies a row's vector, as it is kept, into `out` [dim]; false when there is none. */
  read(row: number, out: Float32Array): boolean
  /** Writes the whole to a file that `openIndex` reads: at once or not at all. `name`: whose vectors these are. */
  save(path: string, name: string): void
}

/** @throws RangeError saying what is wrong with a vector or query */
export function checkVector(what: string, vector: Float32Array, dim: number): void {
  if (vector.length !== dim) throw new RangeError(`Cannot take a ${what} of ${vector.length} elements: wanted ${dim}`)
  let sum = 0
  for (let d = 0; d < dim; d++) sum += vector[d] * vector[d]
  if (!Number.isFinite(sum)) throw new RangeError(`Cannot take a ${what} with an element that is no finite number`)
  if (sum === 0) throw new RangeError(`Cannot take a ${what} of zeros: it has no direction`)
}

/** @throws RangeError for a width no index can have */
export function checkDim(dim: number): void {
  if (!Number.isInteger(dim) || dim < 1 || dim > DIM_MAX)
    throw new RangeError(`Cannot keep vectors of ${dim} elements: take 1 to ${DIM_MAX}`)
}

/** Widest vectors: products of int16 and int8 then still sum up in 32 bits. */
export const DIM_MAX = 8192

/** @throws RangeError for a row or a number of results that is none */
export function checkCount(what: string, value: number): void {
  if (!Number.isInteger(value) || value < 0 || value >= NO_ROW)
    throw new RangeError(`Cannot take ${value} as ${what}: wanted a whole number from 0 to ${NO_ROW - 1}`)
}

/** Stands where no row is. */
export const NO_ROW = 0xffff_ffff
