import { Cell, Column, MINUTE, type Shelf, type Shelved, Stack } from '../../foundation/base/index.ts'

/** The sliding windows: `cells` buckets of `minutes` each. The granularity of a window is its bucket. */
export const windows = {
  '5m': { minutes: 1, cells: 5 },
  '1h': { minutes: 5, cells: 12 },
  '24h': { minutes: 60, cells: 24 },
} as const
/** Those that hold some hours at most. */
export const withinDay: readonly string[] = ['5m', '1h']
export type WindowName = keyof typeof windows
export const windowNames = Object.keys(windows) as readonly WindowName[]

const rings = windowNames.map((name, i) => ({
  ...windows[name],
  start: windowNames.slice(0, i).reduce((sum, before) => sum + windows[before].cells, 0),
}))
const CELLS = rings.reduce((sum, ring) => sum + ring.cells, 0)
const RINGS = rings.length
const HOURS = windows['24h'].cells
/** Slabs looked at for reclaim per event: more than the one slab that an event can open. */
const SWEEP = 2
const MINUTE_MAX = 0x7fffffff

/**
 * Sliding window counters per row. A window is its latest buckets, the one of the read's moment included: exact to
 * the bucket. A late event counts in its own bucket while that is in the window, and is dropped after.
 *
 * Only rows active in the last 24 hours of event time hold counters: a slab of 44 cells per channel, opened by the
 * first event and reclaimed by a sweep that each event moves on by a bounded step. Time is event time, so replay equals
 * live. Reads hold for moments from the newest event on; an earlier moment reads as the newest event's.
 */
export class Windows implements Shelved {
  private readonly channels: number
  private readonly slabOf = new Column(Uint32Array) // slab + 1, 0: none
  /**
   * Per slab: its newest minute; per channel and ring the sum of the ring; per channel and ring its cells, the bucket's
   * at bucket modulo cells. Sums lie beside the minute, so that most reads touch one place in memory.
   */
  private readonly slab: Column<Uint32Array>
  private readonly owners = new Column(Int32Array, { initial: -1 })
  private readonly spare = new Stack()
  private readonly slabs = new Cell()
  private readonly hand = new Cell()
  private readonly newest = new Cell() // newest minute of all rows

  /** `channels`: counters that share the slab of a row. */
  constructor(channels = 1) {
    this.channels = channels
    this.slab = new Column(Uint32Array, { width: 1 + channels * (RINGS + CELLS) })
  }

  /** Rows that hold counters now. */
  get active(): number {
    return this.slabs.value - this.spare.length
  }

  add(row: number, channel: number, at: number): void {
    const minute = minuteOf(at)
    if (minute > this.newest.value) this.newest.value = minute
    if (gone(minute, this.newest.value)) return
    for (let i = 0; i < SWEEP; i++) this.sweep()
    const base = this.open(row, minute) * this.slab.width
    const { array } = this.slab
    if (minute > array[base]) this.advance(base, minute)
    const head = array[base]
    const sums = base + 1 + channel * RINGS
    const cells0 = this.cellsAt(base, channel)
    for (let r = 0; r < RINGS; r++) {
      const { minutes, cells, start } = rings[r]!
      const bucket = (minute / minutes) | 0
      if (bucket <= ((head / minutes) | 0) - cells) continue
      array[cells0 + start + (bucket % cells)]++
      array[sums + r]++
    }
  }

  /** Writes the counts of all windows of all channels, shortest first, into `out` [channels x 3]. */
  read(row: number, at: number, out: Float64Array): void {
    const slab = row >= 0 && row < this.slabOf.rows ? this.slabOf.array[row] - 1 : -1
    for (let i = 0; i < out.length; i++) out[i] = 0
    if (slab < 0) return
    const minute = Math.max(this.newest.value, minuteOf(at))
    const { array, width } = this.slab
    const base = slab * width
    const head = array[base]
    if (gone(head, minute)) return
    for (let r = 0; r < RINGS; r++) {
      const { minutes, cells, start } = rings[r]!
      const last = (head / minutes) | 0
      const expired = ((minute / minutes) | 0) - last // the oldest so many of the ring
      if (expired >= cells) continue
      for (let channel = 0; channel < this.channels; channel++) {
        let sum = array[base + 1 + channel * RINGS + r]
        const cells0 = this.cellsAt(base, channel) + start
        for (let i = 1; sum > 0 && i <= expired; i++) sum -= array[cells0 + ((last + i) % cells)]
        out[channel * RINGS + r] = sum
      }
    }
  }

  shelve(shelf: Shelf): void {
    for (const name of ['slabOf', 'slab', 'owners', 'spare', 'slabs', 'hand', 'newest'] as const)
      shelf.part(name, this[name])
  }

  private cellsAt(base: number, channel: number): number {
    return base + 1 + this.channels * RINGS + channel * CELLS
  }

  private open(row: number, minute: number): number {
    this.slabOf.ensure(row)
    const held = this.slabOf.array[row]
    if (held > 0) return held - 1
    const slab = this.spare.pop() ?? this.slabs.value++
    this.slab.ensure(slab)
    this.owners.ensure(slab)
    this.slabOf.array[row] = slab + 1
    this.owners.array[slab] = row
    this.slab.array[slab * this.slab.width] = minute
    return slab
  }

  /** Empties the buckets between the newest one and the new one. */
  private advance(base: number, minute: number): void {
    const { array } = this.slab
    const head = array[base]
    for (let r = 0; r < RINGS; r++) {
      const { minutes, cells, start } = rings[r]!
      const from = (head / minutes) | 0
      const steps = Math.min(cells, ((minute / minutes) | 0) - from)
      for (let channel = 0; channel < this.channels; channel++) {
        const sum = base + 1 + channel * RINGS + r
        const cells0 = this.cellsAt(base, channel) + start
        for (let i = 1; array[sum] > 0 && i <= steps; i++) {
          const cell = cells0 + ((from + i) % cells)
          array[sum] -= array[cell]
          array[cell] = 0
        }
      }
    }
    array[base] = minute
  }

  private sweep(): void {
    if (this.slabs.value === 0) return
    const hand = (this.hand.value + 1) % this.slabs.value
    this.hand.value = hand
    const owner = this.owners.array[hand]
    if (owner < 0 || !gone(this.slab.array[hand * this.slab.width], this.newest.value)) return
    this.slabOf.array[owner] = 0
    this.owners.array[hand] = -1
    this.slab.clear(hand)
    this.spare.push(hand)
  }
}

/** Whole minutes since 1970, in 31 bits. */
function minuteOf(at: number): number {
  return Math.min(MINUTE_MAX, Math.max(0, Math.floor(at / MINUTE)))
}

/** Has a minute left the longest window? */
function gone(minute: number, newest: number): boolean {
  return ((minute / 60) | 0) <= ((newest / 60) | 0) - HOURS
}
