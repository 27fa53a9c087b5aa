import { Random } from '../../src/foundation/base/index.ts'

/** Shares of the square length by direction, as two trained towers had it: of items, from its middle, and of viewers. */
const ITEMS_FALL = 0.94
const VIEWERS_FALL = [0.86, 0.1, 0.011, 0.007, 0.005, 0.0035, 0.0026, 0.0022]
const VIEWERS_REST = 1e-4
const MIDDLE = 0.85

/**
 * Vectors as two towers make them: of one length, with most of it in common; what is left is spread over many directions, and
 * viewers lie near a few others of them, those in which items differ least.
 */
export function towers(items: number, viewers: number, dim: number): { vectors: Float32Array; queries: Float32Array } {
  const random = new Random('towers')
  const axes = directions(dim, random)
  const spreadOf = (shares: (i: number) => number) => Float64Array.from({ length: dim }, (_, i) => Math.sqrt(shares(i)))
  const ofItems = spreadOf((i) => ITEMS_FALL ** i)
  const ofViewers = spreadOf((i) => VIEWERS_FALL[dim - 1 - i] ?? VIEWERS_REST)
  const middle = Float64Array.from({ length: dim }, () => random.normal())
  return {
    vectors: drawn(items, ofItems, middle, axes, random),
    queries: drawn(viewers, ofViewers, undefined, axes, random),
  }
}

/** Unit vectors: normal by direction, and `middle` as a part of them. */
function drawn(
  count: number,
  spread: Float64Array,
  middle: Float64Array | undefined,
  axes: Float64Array,
  random: Random,
): Float32Array {
  const dim = spread.length
  const all = new Float32Array(count * dim)
  const own = new Float64Array(dim)
  const weight = middle ? MIDDLE / Math.hypot(...middle) : 0
  const rest = middle ? Math.sqrt(1 - MIDDLE ** 2) / Math.hypot(...spread) : 1
  for (let at = 0; at < all.length; at += dim) {
    for (let d = 0; d < dim; d++) own[d] = random.normal() * (spread[d] as number) * rest + weight * (middle?.[d] ?? 0)
    let square = 0
    for (let d = 0; d < dim; d++) square += (own[d] as number) ** 2
    for (let i = 0; i < dim; i++) {
      let sum = 0
      for (let d = 0; d < dim; d++) sum += (axes[d * dim + i] as number) * (own[d] as number)
      all[at + i] = sum / Math.sqrt(square)
    }
  }
  return all
}

/** Orthonormal directions [dim, dim], by Gram and Schmidt. */
function directions(dim: number, random: Random): Float64Array {
  const axes = Float64Array.from({ length: dim * dim }, () => random.normal())
  for (let a = 0; a < dim; a++) {
    const one = axes.subarray(a * dim, (a + 1) * dim)
    for (let b = 0; b < a; b++) {
      const other = axes.subarray(b * dim, (b + 1) * dim)
      const along = one.reduce((sum, x, d) => sum + x * (other[d] as number), 0)
      for (let d = 0; d < dim; d++) one[d] = (one[d] as number) - along * (other[d] as number)
    }
    const length = Math.hypot(...one)
    for (let d = 0; d < dim; d++) one[d] = (one[d] as number) / length
  }
  return axes
}
