import { type Found, NO_ROW } from '../vector-index.ts'

const BINS = 4096

/**
 * What a search has scored so far, and its best: a histogram of the scores tells where the k-th lies, and only what
 * reaches that bin is sorted. A heap would take five times as long for a thousand of sixteen thousand.
 */
export class Pool {
  count = 0
  private scores = new Int32Array(1 << 15)
  private rows = new Uint32Array(1 << 15)
  private readonly bins = new Uint32Array(BINS)

  clear(): void {
    this.count = 0
  }

  /** Makes room for as many more. */
  private ensure(more: number): void {
    const needed = this.count + more
    if (needed <= this.scores.length) return
    const length = Math.max(needed, this.scores.length * 2)
    const [scores, rows] = [new Int32Array(length), new Uint32Array(length)]
    scores.set(this.scores.subarray(0, this.count))
    rows.set(this.rows.subarray(0, this.count))
    this.scores = scores
    this.rows = rows
  }

  /** Takes n scores of the rows that lie in a run from `first` on. */
  addRun(scores: Int32Array, n: number, rows: Uint32Array, first: number): void {
    this.ensure(n)
    this.scores.set(scores.subarray(0, n), this.count)
    this.rows.set(rows.subarray(first, first + n), this.count)
    this.count += n
  }

  /** Takes n scores of the rows at these places. */
  addPlaces(scores: Int32Array, n: number, rows: Uint32Array, places: Uint32Array): void {
    this.ensure(n)
    for (let i = 0; i < n; i++) {
      this.scores[this.count + i] = scores[i]
      this.rows[this.count + i] = rows[places[i]]
    }
    this.count += n
  }

  /** The k greatest, best first, ties by row; scores times `unit`. */
  best(k: number, unit: number): Found {
    const wanted = Math.min(k, this.count)
    if (wanted === 0) return { rows: new Uint32Array(0), scores: new Float32Array(0) }
    const { scores } = this
    const least = this.floor(wanted)
    // Score and place in one number, exactly: 4 GiB of codes keep the product of the two under 2^51.
    const stride = 2 ** Math.ceil(Math.log2(this.count + 1))
    let n = 0
    for (let i = 0; i < this.count; i++) if (scores[i] >= least) n++
    const keys = new Float64Array(n)
    for (let i = 0, at = 0; i < this.count; i++) if (scores[i] >= least) keys[at++] = -scores[i] * stride + i
    keys.sort()
    const order = Uint32Array.from(keys, (key) => key - Math.floor(key / stride) * stride)
    this.settleTies(order, wanted)
    return this.found(order, wanted, unit)
  }

  /** Rows that another thread took out meanwhile are left out. */
  private found(order: Uint32Array, wanted: number, unit: number): Found {
    const rows = new Uint32Array(wanted)
    const scores = new Float32Array(wanted)
    let count = 0
    for (let i = 0; i < order.length && count < wanted; i++) {
      const row = this.rows[order[i]]
      if (row === NO_ROW) continue
      rows[count] = row
      scores[count++] = this.scores[order[i]] * unit
    }
    return count === wanted ? { rows, scores } : { rows: rows.subarray(0, count), scores: scores.subarray(0, count) }
  }

  /** A score that at least k reach and not many more. */
  private floor(k: number): number {
    const { scores, bins, count } = this
    let low = scores[0]
    let high = scores[0]
    for (let i = 1; i < count; i++) {
      if (scores[i] < low) low = scores[i]
      else if (scores[i] > high) high = scores[i]
    }
    if (k >= count || low === high) return low
    const size = Math.ceil((high - low + 1) / BINS)
    const per = 1 / size
    bins.fill(0)
    for (let i = 0; i < count; i++) bins[((scores[i] - low) * per) | 0]++
    let bin = BINS - 1
    for (let reached = bins[bin]; reached < k; ) reached += bins[--bin]
    // A quotient that is rounded up would count a score to the bin above: look one below.
    return low + Math.max(0, bin - 1) * size
  }

  /** Equal scores stand in the order of their rows. */
  private settleTies(order: Uint32Array, wanted: number): void {
    const { scores, rows } = this
    for (let from = 0; from < wanted; ) {
      let to = from + 1
      while (to < order.length && scores[order[to]] === scores[order[from]]) to++
      if (to - from > 1) order.subarray(from, to).sort((a, b) => rows[a] - rows[b])
      from = to
    }
  }
}
