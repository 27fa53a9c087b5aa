import { ascending } from './ascending.ts'

/**
 * First Wasserstein distance of two samples in standard deviations (ddof 0) of the reference: how far a value moved on
 * average, at least as much as the mean did. Missing values (NaN) are left out. Infinite where a constant moved.
 * @throws RangeError for no values on a side
 */
export function wassersteinInDeviations(reference: ArrayLike<number>, current: ArrayLike<number>): number {
  const [a, b] = [ascending(reference), ascending(current)]
  if (a.length === 0 || b.length === 0)
    throw new RangeError(`Cannot hold ${b.length} values against ${a.length}: both sides need some`)
  const distance = areaBetween(a, b)
  return distance === 0 ? 0 : distance / deviation(a)
}

/** Area between the two distribution functions. */
function areaBetween(a: Float64Array, b: Float64Array): number {
  let [i, j, area] = [0, 0, 0]
  let last = Math.min(a[0], b[0])
  while (i < a.length || j < b.length) {
    const value = Math.min(
      i < a.length ? a[i] : Number.POSITIVE_INFINITY,
      j < b.length ? b[j] : Number.POSITIVE_INFINITY,
    )
    area += Math.abs(i / a.length - j / b.length) * (value - last)
    last = value
    while (i < a.length && a[i] === value) i++
    while (j < b.length && b[j] === value) j++
  }
  return area
}

function deviation(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)
}
