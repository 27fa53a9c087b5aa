/**
 * The k best of a stream, best first: score descending, then row ascending, so that equal inputs give equal lists.
 * Scores are kept as 32-bit floats, so that ties are those of what is given. NaN is refused. A binary heap with the worst kept on top: O(n log k), no allocation per offer.
 */
export class TopK {
  readonly limit: number
  private readonly rows: Uint32Array
  private readonly scores: Float32Array
  private count = 0

  constructor(limit: number) {
    this.limit = limit
    this.rows = new Uint32Array(limit)
    this.scores = new Float32Array(limit)
  }

  get size(): number {
    return this.count
  }

  /** No score below this is taken any more. */
  get least(): number {
    if (this.limit === 0) return Number.POSITIVE_INFINITY
    return this.count < this.limit ? Number.NEGATIVE_INFINITY : this.scores[0]
  }

  offer(row: number, given: number): void {
    const score = Math.fround(given)
    if (this.limit === 0 || Number.isNaN(score)) return
    if (this.count < this.limit) {
      this.lift(this.count++, row, score)
    } else if (score > this.scores[0] || (score === this.scores[0] && row < this.rows[0])) {
      this.sink(row, score)
    }
  }

  /** Empties the heap into arrays, best first: the worst is taken off the top and put at the end, again and again. */
  take(): { rows: Uint32Array; scores: Float32Array } {
    const rows = new Uint32Array(this.count)
    const scores = new Float32Array(this.count)
    while (this.count > 0) {
      const last = --this.count
      rows[last] = this.rows[0]
      scores[last] = this.scores[0]
      this.sink(this.rows[last], this.scores[last])
    }
    return { rows, scores }
  }

  private worse(i: number, row: number, score: number): boolean {
    return this.scores[i] < score || (this.scores[i] === score && this.rows[i] > row)
  }

  private lift(start: number, row: number, score: number): void {
    let i = start
    while (i > 0) {
      const parent = (i - 1) >> 1
      if (this.worse(parent, row, score)) break
      this.rows[i] = this.rows[parent]
      this.scores[i] = this.scores[parent]
      i = parent
    }
    this.rows[i] = row
    this.scores[i] = score
  }

  private sink(row: number, score: number): void {
    let i = 0
    for (;;) {
      let child = 2 * i + 1
      if (child >= this.count) break
      if (child + 1 < this.count && this.worse(child + 1, this.rows[child], this.scores[child])) child++
      if (!this.worse(child, row, score)) break
      this.rows[i] = this.rows[child]
      this.scores[i] = this.scores[child]
      i = child
    }
    this.rows[i] = row
    this.scores[i] = score
  }
}
