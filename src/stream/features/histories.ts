import { Lists, type Shelf } from '../../foundation/base/index.ts'
import type { AppliedEvent, Projection } from '../catalog/index.ts'

/** Latest consumed items kept per user, with when and how. */
export const HISTORY_LENGTH = 50
/** Consumed items remembered per user, to tell what was seen. The oldest fall out. */
export const CONSUMED_LENGTH = 4096
const DISMISSED_LENGTH = 512
const UNKNOWN = 255

/**
 * What each user consumed. `history`: the latest distinct items in time order (a late event finds its place; an item
 * consumed again moves to its latest moment and keeps the strongest signal). `consumed`: every item, in order of the
 * first time. `dismissed`: waved away or reported.
 */
export class Histories implements Projection {
  readonly name = 'histories'
  /** Item rows per user in order of first consumption. Read-only for others. */
  readonly consumed = new Lists(CONSUMED_LENGTH)
  /** Item rows per user that were waved away or reported. Read-only for others. */
  readonly dismissed = new Lists(DISMISSED_LENGTH)
  private readonly items = new Lists(HISTORY_LENGTH)
  private readonly times = new Lists(HISTORY_LENGTH) // seconds since 1970
  private readonly signals = new Lists(HISTORY_LENGTH) // kind, completion, strength: see `pack`

  /** Items in the history, at most HISTORY_LENGTH. */
  length(user: number): number {
    return this.items.length(user)
  }

  /** The item consumed `back` items ago: 0 is the latest. */
  item(user: number, back: number): number {
    return this.items.at(user, this.items.length(user) - 1 - back)
  }

  /** When, in milliseconds (kept to the second). */
  at(user: number, back: number): number {
    return this.times.at(user, this.items.length(user) - 1 - back) * 1000
  }

  /** Code of the kind that was strongest. */
  kind(user: number, back: number): number {
    return this.signals.at(user, this.items.length(user) - 1 - back) & 0xff
  }

  /** Greatest share watched, 0 to 1; NaN when no watch was seen. */
  completion(user: number, back: number): number {
    const byte = (this.signals.at(user, this.items.length(user) - 1 - back) >>> 8) & 0xff
    return byte === UNKNOWN ? Number.NaN : byte / 254
  }

  /** Greatest strength, 0 to 10. */
  strength(user: number, back: number): number {
    return ((this.signals.at(user, this.items.length(user) - 1 - back) >>> 16) & 0xff) / 25
  }

  /** When an item of the history was last consumed, in milliseconds (kept to the second); -1 when it is not in it. */
  lastConsumed(user: number, item: number): number {
    const index = this.find(user, item)
    return index < 0 ? -1 : this.times.at(user, index) * 1000
  }

  apply(event: AppliedEvent): void {
    if (event.user < 0 || event.item < 0 || !event.consumes) return
    const { user, item } = event
    const seenBefore = this.items.includes(user, item) || this.consumed.includes(user, item)
    if (!seenBefore) this.consumed.push(user, item)
    if (event.strength < 0) {
      if (!this.dismissed.includes(user, item)) this.dismissed.push(user, item)
      this.drop(user, item)
      return
    }
    if (this.dismissed.includes(user, item)) return
    this.place(event)
  }

  forget(user: number): void {
    for (const list of [this.consumed, this.dismissed, this.items, this.times, this.signals]) list.clear(user)
  }

  shelve(shelf: Shelf): void {
    for (const name of ['consumed', 'dismissed', 'items', 'times', 'signals'] as const) shelf.part(name, this[name])
  }

  /** Puts an event at its place in time: from the newest end, past everything later. */
  private place(event: AppliedEvent): void {
    const { user, item } = event
    let second = Math.max(0, Math.floor(event.at / 1000)) >>> 0
    let signal = pack(event.kind, event.completion, event.strength)
    const old = this.find(user, item)
    if (old >= 0) {
      signal = stronger(signal, this.signals.at(user, old))
      second = Math.max(second, this.times.at(user, old))
      this.drop(user, item)
    }
    const full = this.items.length(user) === HISTORY_LENGTH
    if (full && second < this.times.at(user, 0)) return // older than everything kept
    this.items.push(user, item)
    this.times.push(user, second)
    this.signals.push(user, signal)
    for (let i = this.items.length(user) - 1; i > 0 && this.times.at(user, i - 1) > second; i--) this.swap(user, i)
  }

  private find(user: number, item: number): number {
    for (let i = this.items.length(user) - 1; i >= 0; i--) if (this.items.at(user, i) === item) return i
    return -1
  }

  private drop(user: number, item: number): void {
    const index = this.find(user, item)
    if (index < 0) return
    const last = this.items.length(user) - 1
    for (let i = index; i < last; i++) this.swap(user, i + 1)
    for (const list of [this.items, this.times, this.signals]) list.pop(user)
  }

  /** Swaps entries i and i - 1. */
  private swap(user: number, i: number): void {
    for (const list of [this.items, this.times, this.signals]) {
      const held = list.at(user, i)
      list.set(user, i, list.at(user, i - 1))
      list.set(user, i - 1, held)
    }
  }
}

function pack(kind: number, completion: number, strength: number): number {
  const share = Number.isNaN(completion) ? UNKNOWN : Math.round(completion * 254)
  return (kind | (share << 8) | (Math.min(250, Math.round(strength * 25)) << 16)) >>> 0
}

/** The stronger of two signals of one item, with the greater share watched. */
function stronger(a: number, b: number): number {
  const kindAndStrength = a >>> 16 >= b >>> 16 ? a & 0xff00ff : b & 0xff00ff
  const shareA = (a >>> 8) & 0xff
  const shareB = (b >>> 8) & 0xff
  const share = shareA === UNKNOWN ? shareB : shareB === UNKNOWN ? shareA : Math.max(shareA, shareB)
  return (kindAndStrength | (share << 8)) >>> 0
}
