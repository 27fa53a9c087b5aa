import { Random, TopK } from '../../../foundation/base/index.ts'
import type { VectorIndex } from '../vector-index.ts'
import { type Pause, Products } from './products.ts'

/** Interests that a made query mixes, as a viewer's vector does; and the noise in it, as a share of its length. */
const INTERESTS = 3
const NOISE = 0.3

/** The rows of the k greatest inner products, by query: the truth that an index is held against. */
export type Truth = readonly Uint32Array[]

/** Searches every vector for every query [q, dim], by the native runtime. */
export async function truthOf(
  rows: Uint32Array,
  vectors: Float32Array,
  queries: Float32Array,
  dim: number,
  k: number,
  pause?: Pause,
): Promise<Truth> {
  const count = queries.length / dim
  const tops = Array.from({ length: count }, () => new TopK(Math.min(k, rows.length)))
  const products = await Products.open(dim, count)
  try {
    await products.each(
      vectors,
      queries,
      (i, all, at) => {
        for (let q = 0; q < count; q++) {
          const top = tops[q] as TopK
          if (all[at + q] >= top.least) top.offer(rows[i], all[at + q])
        }
      },
      pause,
    )
  } finally {
    await products.close()
  }
  return tops.map((top) => top.take().rows)
}

/** Mean share of the true rows that the index finds when asked for as many, 0 to 1. 1 without queries. */
export function recallOf(index: Pick<VectorIndex, 'search'>, queries: Float32Array, truth: Truth): number {
  const dim = truth.length === 0 ? 0 : queries.length / truth.length
  let sum = 0
  truth.forEach((wanted, q) => {
    const found = new Set(index.search(queries.subarray(q * dim, (q + 1) * dim), wanted.length).rows)
    let hits = 0
    for (const row of wanted) if (found.has(row)) hits++
    sum += wanted.length === 0 ? 1 : hits / wanted.length
  })
  return truth.length === 0 ? 1 : sum / truth.length
}

/**
 * Queries as viewers send them, for want of recorded ones: each mixes the directions of three vectors with random
 * weights, and noise. They point between cells, so they are harder than a query that is an item.
 */
export function madeQueries(vectors: Float32Array, dim: number, count: number, seed: string): Float32Array {
  const random = new Random(seed)
  const queries = new Float32Array(count * dim)
  for (let q = 0; q < count; q++) {
    const query = queries.subarray(q * dim, (q + 1) * dim)
    for (let i = 0; i < INTERESTS; i++) {
      const at = random.int(vectors.length / dim) * dim
      const share = random.between(0.3, 1)
      let length = 0
      for (let d = 0; d < dim; d++) length += vectors[at + d] ** 2
      for (let d = 0; d < dim; d++) query[d] += (share * vectors[at + d]) / Math.sqrt(length)
    }
    let length = 0
    for (let d = 0; d < dim; d++) length += query[d] ** 2
    const noise = (NOISE * Math.sqrt(length)) / Math.sqrt(dim)
    for (let d = 0; d < dim; d++) query[d] += random.normal(0, noise)
  }
  return queries
}
