import { type Found, NO_ROW } from '../vector-index.ts'

const BINS = 4096
const LOWEST = -0x8000_0000

/** More than this many times the number wanted are not held: the rest is looked through, and what is too low dropped. */
const HELD_TIMES = 4
const HELD_LEAST = 4096

/**
 * What a search has scored so far, and its best: a histogram of the scores tells where the k-th lies, and only what
 * reaches that bin is sorted. A heap would take five times as long for a thousand of sixteen thousand. Cells come best
 * first, so soon most scores are below the k-th so far and are never kept.
 */
export class Pool {
  /** Scores that were offered. */
  seen = 0
  /** What is below cannot be among the best k. */
  least = LOWEST
  private k = 0
  private count = 0
  private scores = new Int32Array(1 << 15)
  private rows = new Uint32Array(1 << 15)
  private readonly bins = new Uint32Array(BINS)

  /** Begins a search for the best k. */
  begin(k: number): void {
    this.k = k
    this.seen = 0
    this.count = 0
    this.least = LOWEST
  }

  /** Of `seen` scores takes the `count` that were kept, of the rows at these places from `first` on. */
  add(seen: number, scores: Int32Array, count: number, rows: Uint32Array, places: Uint32Array, first = 0): void {
    this.seen += seen
    this.ensure(count)
    const { least, scores: held, rows: heldRows } = this
    let to = this.count
    for (let i = 0; i < count; i++) {
      if (scores[i] < least) continue
      held[to] = scores[i]
      heldRows[to++] = rows[first + places[i]]
    }
    this.count = to
    if (to > Math.max(HELD_LEAST, this.k * HELD_TIMES)) this.drop(this.floor(this.k))
  }

  /** The k greatest, best first, ties by row; scores times `unit`, plus `offset`. */
  best(unit: number, offset: number): Found {
    const wanted = Math.min(this.k, this.count)
    if (wanted === 0) return { rows: new Uint32Array(0), scores: new Float32Array(0) }
    this.drop(this.floor(wanted))
    const { scores, count } = this
    // Score and place in one number, exactly: 4 GiB of codes keep the product of the two under 2^51.
    const stride = 2 ** Math.ceil(Math.log2(count + 1))
    const keys = new Float64Array(count)
    for (let i = 0; i < count; i++) keys[i] = -scores[i] * stride + i
    keys.sort()
    const order = Uint32Array.from(keys, (key) => key - Math.floor(key / stride) * stride)
    this.settleTies(order, wanted)
    return this.found(order, wanted, unit, offset)
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

  /** Lets go of all scores below. */
  private drop(least: number): void {
    const { scores, rows } = this
    let count = 0
    for (let i = 0; i < this.count; i++) {
      if (scores[i] < least) continue
      scores[count] = scores[i]
      rows[count++] = rows[i]
    }
    this.count = count
    this.least = least
  }

  /** Rows that another thread took out meanwhile are left out. */
  private found(order: Uint32Array, wanted: number, unit: number, offset: number): Found {
    const rows = new Uint32Array(wanted)
    const scores = new Float32Array(wanted)
    let count = 0
    for (let i = 0; i < order.length && count < wanted; i++) {
      const row = this.rows[order[i]]
      if (row === NO_ROW) continue
      rows[count] = row
      scores[count++] = this.scores[order[i]] * unit + offset
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
