import type { KernelKind } from './kernels/open.ts'
import { align, Records } from './records.ts'

/**
 * A block of vectors to be scored against queries: the items' side of a retrieval model, for evaluation over the full
 * catalogue and for coarse scores. Fill `set`, then ask. One query at a time, about a nanosecond per 16 elements.
 */
export class Vectors {
  readonly count: number
  readonly dim: number
  private readonly records: Records

  /** Room for `count` vectors of `dim` elements (a multiple of 4), all zeros. */
  constructor(count: number, dim: number, kernels?: KernelKind) {
    if (!Number.isInteger(dim) || dim < 4 || dim % 4 !== 0) {
      throw new RangeError(`Cannot keep vectors of ${dim} elements: take a multiple of 4`)
    }
    this.count = count
    this.dim = dim
    this.records = new Records({ dim, state: 0, ...(kernels && { kernels }) })
    if (count > 0) this.records.ensure(count - 1)
  }

  /** Writes vectors [n, dim] from a row on. */
  set(vectors: Float32Array, first = 0): void {
    if (vectors.length % this.dim !== 0 || first + vectors.length / this.dim > this.count) {
      throw new RangeError(`Cannot write ${vectors.length} numbers from row ${first} on: there are ${this.count} rows`)
    }
    this.records.floats.set(vectors, this.records.offset(first))
  }

  /** The dot product of a query [dim] with every vector [count], or with those of `rows` [n]. */
  scores(query: Float32Array, rows?: Uint32Array, out?: Float32Array): Float32Array {
    const { records, dim } = this
    const { kernels, base, stride } = records
    if (query.length !== dim) throw new RangeError(`Cannot score a query of ${query.length} elements: wanted ${dim}`)
    const n = rows?.length ?? this.count
    const rowsAt = align(dim * 4)
    const outAt = align(rowsAt + (rows?.byteLength ?? 0))
    const address = records.scratch(outAt, n * 4)
    const queryAt = records.scratch(0, 0)
    records.floats.set(query, queryAt / 4)
    if (rows === undefined) kernels.dots(queryAt, base, stride, 0, n, dim, address)
    else {
      for (const row of rows) if (row >= this.count) throw new RangeError(`Cannot score row ${row} of ${this.count}`)
      records.words.set(rows, records.scratch(rowsAt, 0) / 4)
      kernels.dotsOf(queryAt, base, stride, records.scratch(rowsAt, 0), n, dim, address)
    }
    const view = records.floats.subarray(address / 4, address / 4 + n)
    if (out === undefined) return view.slice()
    out.set(view)
    return out
  }
}
