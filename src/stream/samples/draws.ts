import type { Random } from '../../foundation/base/index.ts'
import type { State } from '../catalog/index.ts'
import type { Entry } from '../events/index.ts'

/** Latest consumptions that popularity draws from. */
const RECENT_MAX = 65_536
/** Draws until a place is left empty: of a small catalogue nearly all may be consumed. */
const TRIES_MAX = 50

/**
 * Draws negatives from the past: evenly from the catalogue as it is, or as one of the latest consumptions by lot, which
 * is by popularity without any table of it.
 */
export class Draws {
  private readonly state: State
  private readonly random: Random
  private readonly recent = new Uint32Array(RECENT_MAX)
  private count = 0

  constructor(state: State, random: Random) {
    this.state = state
    this.random = random
  }

  /** To be told of every entry after it was folded. */
  seen(entry: Entry): void {
    if (entry.type !== 'event' || entry.event.item === undefined) return
    const spec = this.state.kinds.specs[this.state.kinds.code(entry.event.kind)]
    if (!spec?.consumes || spec.strength <= 0) return
    const row = this.state.items.ids.find(entry.event.item)
    if (row >= 0) this.recent[this.count++ % RECENT_MAX] = row
  }

  /** Up to `count` different rows that `fits` lets pass. */
  draw(count: number, popularShare: number, fits: (row: number) => boolean): number[] {
    const { items } = this.state
    const drawn: number[] = []
    const held = Math.min(this.count, RECENT_MAX)
    for (let tries = 0; drawn.length < count && tries < TRIES_MAX * count; tries++) {
      const popular = this.random.next() < popularShare && held > 0
      const row = popular ? this.recent[this.random.int(held)] : this.random.int(items.size)
      if (items.has(row) && !drawn.includes(row) && fits(row)) drawn.push(row)
    }
    return drawn
  }
}
