import type { Found, VectorIndex } from './vector-index.ts'

/** More than this many are not asked for on top. */
const EXTRA_MAX = 4096

/**
 * The `k` best that are allowed, where nearly all are: `few` at most are not, such as what a viewer has seen. As many more
 * are asked for and those are dropped, which spares asking for every vector that is scored. Should more be dropped than
 * was said, the search is made again with the filter.
 */
export function searchMost(
  index: Pick<VectorIndex, 'search'>,
  query: Float32Array,
  k: number,
  allow: (row: number) => boolean,
  few: number,
): Found {
  if (few > EXTRA_MAX) return index.search(query, k, { allow })
  const found = index.search(query, k + few)
  const rows = new Uint32Array(k)
  const scores = new Float32Array(k)
  let count = 0
  for (let i = 0; i < found.rows.length && count < k; i++) {
    if (!allow(found.rows[i])) continue
    rows[count] = found.rows[i]
    scores[count++] = found.scores[i]
  }
  const dropped = found.rows.length - count
  if (count < k && dropped > few) return index.search(query, k, { allow })
  return { rows: rows.subarray(0, count), scores: scores.subarray(0, count) }
}
