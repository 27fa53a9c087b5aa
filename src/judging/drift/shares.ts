import { ascending } from './ascending.ts'

/** Shares below this count as this, so that an empty bin does not make a distance infinite. */
export const SHARE_MIN = 1e-4
/** Fewer values on a side say nothing: at n = 200, 37 % of columns without drift pass a PSI of 0.1; from 1000 on none. */
export const SAMPLES_MIN = 1000

/** Upper edges of the inner bins, ascending: bin b holds edges[b - 1] < x <= edges[b]; the outer bins are open. */
export type Edges = Float64Array

/**
 * Bins of equal counts on the reference. Equal edges (many equal values) fall together, so there may be fewer bins than
 * asked for. A value that fills a bin by itself has one to itself: a yes that nine of ten rows share is told from the
 * no beneath it. Values that are no number (missing) have a bin of their own, see `sharesOf`.
 * @throws RangeError for no values
 */
export function equalFrequencyEdges(reference: ArrayLike<number>, bins = 10): Edges {
  const sorted = ascending(reference)
  if (sorted.length === 0) throw new RangeError('Cannot make bins from no values')
  const most = sorted[sorted.length - 1]
  const edges = new Set<number>()
  for (let b = 1; b < bins; b++) {
    const edge = sorted[Math.ceil((b * sorted.length) / bins) - 1]
    if (edges.has(edge)) continue
    const first = sorted.indexOf(edge)
    const equal = sorted.lastIndexOf(edge) + 1 - first
    if (first > 0 && equal * bins >= sorted.length) edges.add(sorted[first - 1])
    if (edge < most) edges.add(edge)
  }
  return Float64Array.from(edges)
}

/** Shares of values per bin; one more for the missing ones at the end. They sum to 1. */
export function sharesOf(values: ArrayLike<number>, edges: Edges): Float64Array {
  const counts = new Float64Array(edges.length + 2)
  for (let i = 0; i < values.length; i++) counts[binOf(values[i], edges)]++
  return counts.map((count) => count / values.length)
}

function binOf(value: number, edges: Edges): number {
  if (Number.isNaN(value)) return edges.length + 1
  let low = 0
  let high = edges.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (value <= edges[middle]) high = middle
    else low = middle + 1
  }
  return low
}

/** @throws RangeError for fewer than SAMPLES_MIN values on a side */
export function checkSizes(what: string, reference: number, current: number): void {
  if (reference >= SAMPLES_MIN && current >= SAMPLES_MIN) return
  throw new RangeError(
    `Cannot tell drift by ${what} from ${reference} and ${current} values: it takes ${SAMPLES_MIN} each`,
  )
}
