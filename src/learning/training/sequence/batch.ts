import type { Values } from '../../graph/index.ts'
import type { PackedEpoch } from './packing.ts'
import type { Histories } from './sequences.ts'

/** The arrays that one run of the encoder is fed, filled again for every batch: [rows, length] places. */
export class Batch {
  readonly rows: number
  readonly length: number
  readonly width: number
  /** Item row at each place; 0 for padding. */
  readonly items: Int32Array
  /** Item that came next, and its place in the histories. */
  readonly next: Int32Array
  readonly nextAt: Uint32Array
  readonly positions: Int32Array
  readonly segments: Int32Array
  /** 1, or 0 for padding. */
  readonly weights: Float32Array
  /** When the next item came, in days; 0 where the histories have no times. */
  readonly moments: Float32Array
  readonly history: Float32Array
  readonly target: Float32Array
  private used = 0

  constructor(rows: number, length: number, width: number) {
    this.rows = rows
    this.length = length
    this.width = width
    const places = rows * length
    this.items = new Int32Array(places)
    this.next = new Int32Array(places)
    this.nextAt = new Uint32Array(places)
    this.positions = new Int32Array(places)
    this.segments = new Int32Array(places)
    this.weights = new Float32Array(places)
    this.moments = new Float32Array(places)
    this.history = new Float32Array(places * width)
    this.target = new Float32Array(places * width)
  }

  clear(): void {
    for (const array of [this.items, this.next, this.positions, this.segments, this.weights]) array.fill(0)
    this.used = 0
  }

  /** Puts a window of a history at a place of a row; what follows each item is its target. Gives the place of its last item. */
  put({ item, times }: Histories, row: number, column: number, start: number, length: number): number {
    const at = row * this.length + column
    this.used++
    for (let i = 0; i < length; i++) {
      this.items[at + i] = item[start + i]
      this.next[at + i] = item[start + i + 1] ?? 0
      this.nextAt[at + i] = start + i + 1
      this.positions[at + i] = i
      this.segments[at + i] = this.used
      this.weights[at + i] = 1
      this.moments[at + i] = times?.at[start + i + 1] ?? 0
    }
    return at + length - 1
  }

  /** The rows of an epoch from `first` on. */
  fill(histories: Histories, epoch: PackedEpoch, first: number): void {
    this.clear()
    for (let row = 0; row < this.rows && first + row < epoch.ends.length; row++) {
      let column = 0
      const from = first + row === 0 ? 0 : epoch.ends[first + row - 1]
      for (let w = from; w < epoch.ends[first + row]; w++) {
        this.put(histories, row, column, epoch.starts[w], epoch.lengths[w])
        column += epoch.lengths[w]
      }
    }
  }

  /** Near misses of the slates that the next items came from: each once, in order of place. */
  nears({ near }: Histories): number[] {
    const rows = new Set<number>()
    if (near === undefined) return []
    for (const [place, weight] of this.weights.entries()) {
      if (weight === 0) continue
      const at = this.nextAt[place]
      for (let i = near.starts[at]; i < near.starts[at + 1]; i++) rows.add(near.item[i])
    }
    return [...rows]
  }

  /** Copies the embeddings of the items (and of the next ones) out of a table [items, width]. */
  gather(table: Float32Array, withTargets: boolean): void {
    gatherRows(table, this.items, this.width, this.history)
    if (withTargets) gatherRows(table, this.next, this.width, this.target)
  }

  /** What the encoder reads. */
  get feeds(): Record<string, Values> {
    const { history, positions, segments } = this
    return { history, positions, segments }
  }
}

/** out[i] = table[rows[i]] */
export function gatherRows(table: Float32Array, rows: Int32Array, width: number, out: Float32Array): void {
  for (let i = 0, to = 0; i < rows.length; i++, to += width) {
    const from = rows[i] * width
    for (let k = 0; k < width; k++) out[to + k] = table[from + k]
  }
}

/** table[rows[i]] += source[i], in order; places of weight 0 add what they were given, which is 0. */
export function scatterRows(source: Float32Array, rows: Int32Array, width: number, table: Float32Array): void {
  for (let i = 0, from = 0; i < rows.length; i++, from += width) {
    const to = rows[i] * width
    for (let k = 0; k < width; k++) table[to + k] += source[from + k]
  }
}
