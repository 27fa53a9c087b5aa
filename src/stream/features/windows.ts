import { Column, MINUTE } from '../../foundation/base/index.ts'

/** The sliding windows: `cells` buckets of `minutes` each. The granularity of a window is its bucket. */
export const windows = {
  '5m': { minutes: 1, cells: 5 },
  '1h': { minutes: 5, cells: 12 },
  '24h': { minutes: 60, cells: 24 },
} as const
export type WindowName = keyof typeof windows
export const windowNames = Object.keys(windows) as readonly WindowName[]

const rings = windowNames.map((name, i) => ({
  ...windows[name],
  start: windowNames.slice(0, i).reduce((sum, before) => sum + windows[before].cells, 0),
}))
const CELLS = rings.reduce((sum, ring) => sum + ring.cells, 0)
const HOURS = windows['24h'].cells
/** Slabs looked at for reclaim per event: more than the one slab that an event can open. */
const SWEEP = 2

/**
 * Sliding window counters per row. A window is its latest buckets, the one of the read's moment included: exact to
 * the bucket. A late event counts in its own bucket while that is in the window, and is dropped after.
 *
 * Only rows active in the last 24 hours of event time hold counters: a slab of 41 per channel, opened by the first
 * event and reclaimed by a sweep that each event moves on by a bounded step. Time is event time, so replay equals live.
 * Reads hold for moments from the newest event on; an earlier moment reads as the newest event's.
 */
export class Windows {
  private readonly channels: number
  private readonly slabOf = new Column(Uint32Array) // slab + 1, 0: none
  private readonly counts: Column<Uint32Array> // [slab, channel, ring, bucket modulo cells]
  private readonly heads = new Column(Float64Array) // newest minute of the slab
  private readonly owners = new Column(Int32Array, { initial: -1 })
  private readonly spare: number[] = []
  private slabs = 0
  private hand = 0
  private newest = 0 // newest minute of all rows

  /** `channels`: counters that share the slab of a row. */
  constructor(channels = 1) {
    this.channels = channels
    this.counts = new Column(Uint32Array, { width: CELLS * channels })
  }

  get bytes(): number {
    return [this.slabOf, this.counts, this.heads, this.owners].reduce((sum, column) => sum + column.bytes, 0)
  }

  /** Rows that hold counters now. */
  get active(): number {
    return this.slabs - this.spare.length
  }

  add(row: number, channel: number, at: number): void {
    const minute = Math.floor(at / MINUTE)
    if (minute > this.newest) this.newest = minute
    if (gone(minute, this.newest)) return
    for (let i = 0; i < SWEEP; i++) this.sweep()
    const slab = this.open(row, minute)
    if (minute > this.heads.array[slab]) this.advance(slab, minute)
    const head = this.heads.array[slab]
    const base = (slab * this.channels + channel) * CELLS
    for (const { minutes, cells, start } of rings) {
      const bucket = Math.floor(minute / minutes)
      if (bucket > Math.floor(head / minutes) - cells) this.counts.array[base + start + (bucket % cells)]++
    }
  }

  /** Writes the counts of the windows, shortest first, into `out` [3]. */
  read(row: number, channel: number, at: number, out: Float64Array): void {
    const slab = row >= 0 && row < this.slabOf.rows ? this.slabOf.array[row] - 1 : -1
    out.fill(0)
    if (slab < 0) return
    const minute = Math.max(this.newest, Math.floor(at / MINUTE))
    const head = this.heads.array[slab]
    if (gone(head, minute)) return
    const base = (slab * this.channels + channel) * CELLS
    const { array } = this.counts
    for (let r = 0; r < rings.length; r++) {
      const { minutes, cells, start } = rings[r]!
      const last = Math.floor(head / minutes)
      let sum = 0
      for (let bucket = Math.floor(minute / minutes) - cells + 1; bucket <= last; bucket++)
        sum += array[base + start + (bucket % cells)]
      out[r] = sum
    }
  }

  /** Drops what is held of a row. */
  clear(row: number): void {
    if (row < this.slabOf.rows && this.slabOf.array[row] > 0) this.release(this.slabOf.array[row] - 1)
  }

  private open(row: number, minute: number): number {
    this.slabOf.ensure(row)
    const held = this.slabOf.array[row]
    if (held > 0) return held - 1
    const slab = this.spare.pop() ?? this.slabs++
    for (const column of [this.counts, this.heads, this.owners]) column.ensure(slab)
    this.slabOf.array[row] = slab + 1
    this.owners.array[slab] = row
    this.heads.array[slab] = minute
    return slab
  }

  /** Empties the buckets between the newest one and the new one. */
  private advance(slab: number, minute: number): void {
    const head = this.heads.array[slab]
    for (const { minutes, cells, start } of rings) {
      const from = Math.floor(head / minutes)
      const steps = Math.min(cells, Math.floor(minute / minutes) - from)
      for (let channel = 0; channel < this.channels; channel++) {
        const base = (slab * this.channels + channel) * CELLS + start
        for (let i = 1; i <= steps; i++) this.counts.array[base + ((from + i) % cells)] = 0
      }
    }
    this.heads.array[slab] = minute
  }

  private sweep(): void {
    if (this.slabs === 0) return
    this.hand = (this.hand + 1) % this.slabs
    if (this.owners.array[this.hand] >= 0 && gone(this.heads.array[this.hand], this.newest)) this.release(this.hand)
  }

  private release(slab: number): void {
    this.slabOf.array[this.owners.array[slab]] = 0
    this.owners.array[slab] = -1
    this.counts.clear(slab)
    this.heads.array[slab] = 0
    this.spare.push(slab)
  }
}

/** Has a minute left the longest window? */
function gone(minute: number, newest: number): boolean {
  return Math.floor(minute / 60) <= Math.floor(newest / 60) - HOURS
}
