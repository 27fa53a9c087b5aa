/** Most items in one triangle: 12,000 take 144 MB with 16-bit counts. */
export const DENSE_MAX = 12_000

/** How many users consumed both of two items: a dense lower triangle, diagonal included. Counts stop at 4e9. */
export class CoOccurrence {
  readonly size: number
  private readonly counts: Uint16Array | Uint32Array

  /** `users`: no count can be higher. */
  constructor(size: number, users: number) {
    if (size > DENSE_MAX) throw new RangeError(`Co-occurrence takes at most ${DENSE_MAX} items, not ${size}`)
    this.size = size
    const cells = (size * (size + 1)) / 2
    this.counts = users < 65_536 ? new Uint16Array(cells) : new Uint32Array(cells)
  }

  /** Counts one user's items: each once, in ascending order. */
  add(items: ArrayLike<number>, length: number): void {
    const { counts } = this
    for (let i = 0; i < length; i++) {
      const row = (items[i] * (items[i] + 1)) / 2
      for (let j = 0; j <= i; j++) counts[row + items[j]]++
    }
  }

  get(a: number, b: number): number {
    return a >= b ? this.counts[(a * (a + 1)) / 2 + b] : this.counts[(b * (b + 1)) / 2 + a]
  }

  /** Counts of one item with all others into `out` [size]. */
  column(item: number, out: Float64Array): void {
    const { counts, size } = this
    const row = (item * (item + 1)) / 2
    for (let i = 0; i <= item; i++) out[i] = counts[row + i]
    for (let i = item + 1, cell = row + item + 1 + item; i < size; i++) {
      out[i] = counts[cell]
      cell += i + 1
    }
  }
}
