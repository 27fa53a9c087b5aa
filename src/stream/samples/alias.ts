import type { Random } from '../../foundation/base/index.ts'

/** Draws from a discrete distribution in constant time (Walker 1977, tables by Vose 1991). */
export class Alias {
  /** Probability of each outcome. */
  readonly probabilities: Float64Array
  private readonly keep: Float64Array
  private readonly other: Uint32Array

  /** @throws RangeError for weights that are negative, not finite, or sum to 0 */
  constructor(weights: ArrayLike<number>) {
    const n = weights.length
    let sum = 0
    for (let i = 0; i < n; i++) {
      if (!(weights[i] >= 0 && weights[i] < Number.POSITIVE_INFINITY))
        throw new RangeError(`Cannot draw by weight ${i}: it is ${weights[i]}`)
      sum += weights[i]
    }
    if (!(sum > 0)) throw new RangeError(`Cannot draw from ${n} outcomes: their weights sum to ${sum}`)
    this.probabilities = Float64Array.from({ length: n }, (_, i) => weights[i] / sum)
    this.keep = this.probabilities.map((p) => p * n)
    this.other = Uint32Array.from({ length: n }, (_, i) => i)
    const small: number[] = []
    const large: number[] = []
    this.keep.forEach((p, i) => {
      ;(p < 1 ? small : large).push(i)
    })
    while (small.length > 0 && large.length > 0) {
      const low = small.pop() as number
      const high = large[large.length - 1]!
      this.other[low] = high
      this.keep[high] -= 1 - this.keep[low]
      if (this.keep[high] < 1) {
        large.pop()
        small.push(high)
      }
    }
    for (const rest of [...small, ...large]) this.keep[rest] = 1 // rounding
  }

  draw(random: Random): number {
    const i = random.int(this.keep.length)
    return random.next() < this.keep[i] ? i : this.other[i]
  }
}
