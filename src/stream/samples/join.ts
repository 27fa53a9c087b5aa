import type { Event, Kinds } from '../../domain/index.ts'
import type { Entry } from '../events/index.ts'
import { Outcomes } from './outcomes.ts'
import { NONE, Pending } from './pending.ts'
import { Returns } from './returns.ts'

export interface JoinCounts {
  impressions: number
  /** The same item twice on one slate: the first one counts. */
  repeated: number
  beyondLimit: number
  /** Outcomes that found their impression, and those that came too long after it. */
  outcomes: number
  late: number
  /** Outcomes on a slate without the impression of their item (yet). */
  implied: number
  /** Events that named the slate of another viewer: they count for nothing here. */
  foreign: number
}

/**
 * Joins impressions to slates and outcomes to impressions, ahead of the reader that will fold the state. Requests wait
 * in the order of the first entry that names them, and leave one by one from the front.
 *
 * An outcome belongs to the impression of its slate and item; without a slate, to the viewer's latest impression of the
 * item. One that finds none and names no slate is a positive of its own: a request with one impression, to be filled
 * up with negatives. One that names a slate whose impression is not there (yet) stands for that impression: batches of
 * clients may come in any order, and features have to be read before the first of them is folded. A slate with no
 * impression at all is left out.
 */
export class Join {
  readonly counts: JoinCounts = {
    impressions: 0,
    repeated: 0,
    beyondLimit: 0,
    outcomes: 0,
    late: 0,
    implied: 0,
    foreign: 0,
  }
  /** Latest event time read. */
  latest = 0
  readonly pending = new Pending()
  readonly outcomes: Outcomes
  readonly returns: Returns
  private readonly kinds: Kinds
  private readonly attributionMs: number
  private readonly impression: number

  constructor(kinds: Kinds, attributionMs: number, returnMs: number) {
    this.kinds = kinds
    this.attributionMs = attributionMs
    this.impression = kinds.code('impression')
    this.outcomes = new Outcomes(kinds)
    this.returns = new Returns(returnMs)
  }

  /** Reads on by one entry; `place` counts entries. */
  take(entry: Entry, place: number): void {
    if (entry.type !== 'event') return
    const { event } = entry
    const kind = this.kinds.code(event.kind)
    if (kind < 0) return
    if (event.at > this.latest) this.latest = event.at
    const user = event.user === undefined ? -1 : this.pending.users.row(event.user)
    this.returns.seen(user, event.at)
    if (event.item === undefined) return
    const slot = event.slate === undefined ? NONE : this.pending.ofName(event.slate)
    if (slot !== NONE && user >= 0 && this.pending.userOf(slot) >= 0 && this.pending.userOf(slot) !== user) {
      this.counts.foreign++
      return
    }
    const item = this.pending.items.row(event.item)
    if (kind === this.impression) this.show(event, slot, user, item, place)
    else this.outcome(event, kind, slot, user, item, place)
  }

  /** Takes the front request out. */
  remove(): void {
    const { slot, user } = this.pending.remove()
    this.returns.remove(slot, user)
  }

  private show(event: Event, held: number, user: number, item: number, place: number): void {
    this.counts.impressions++
    const slot = held === NONE ? this.open(event, user, place, false) : held
    const known = this.pending.on(slot, item)
    const shown = known === NONE ? this.add(slot, event, item) : known
    if (shown !== NONE && !this.pending.show(shown, event)) this.counts.repeated++
  }

  private outcome(event: Event, kind: number, held: number, user: number, item: number, place: number): void {
    const { pending } = this
    const named = event.slate !== undefined
    let shown = named ? (held === NONE ? NONE : pending.on(held, item)) : pending.by(user, item)
    if (shown !== NONE && event.at > pending.momentOf(pending.ownerOf(shown)) + this.attributionMs) {
      this.counts.late++
      if (named) return
      shown = NONE
    }
    if (shown !== NONE) this.counts.outcomes++
    else if (named) {
      this.counts.implied++
      shown = this.add(held === NONE ? this.open(event, user, place, false) : held, event, item)
    } else {
      const spec = this.kinds.specs[kind]
      if (user < 0 || !spec?.consumes || spec.strength <= 0) return
      shown = this.add(this.open(event, user, place, true), event, item)
    }
    if (shown !== NONE) this.outcomes.note(shown, kind, event)
  }

  private open(event: Event, user: number, place: number, sampled: boolean): number {
    const slot = this.pending.open(event, user, place, sampled)
    this.returns.wait(slot, user, event.at)
    return slot
  }

  private add(slot: number, event: Event, item: number): number {
    const shown = this.pending.add(slot, event, item)
    if (shown === NONE) this.counts.beyondLimit++
    else this.outcomes.open(shown)
    return shown
  }
}
