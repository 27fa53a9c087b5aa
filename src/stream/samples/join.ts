import { Column, IdTable, PairTable } from '../../foundation/base/index.ts'
import type { Event, Kinds } from '../../domain/index.ts'
import type { Entry } from '../events/index.ts'
import { Outcomes } from './outcomes.ts'
import { Returns } from './returns.ts'
import { Slots } from './slots.ts'

/** Most impressions of one request; what a slate holds at most. More are counted and left out. */
export const IMPRESSIONS_MAX = 200
const NONE = -1

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
}

/**
 * Joins impressions to slates and outcomes to impressions, ahead of the reader that will fold the state. Requests wait
 * in the order of the first entry that names them, and leave one by one from the front. All in columns; memory is that
 * of the requests that wait.
 *
 * An outcome belongs to the impression of its slate and item; without a slate, to the viewer's latest impression of the
 * item. One that finds none and names no slate is a positive of its own: a request with one impression, to be filled
 * up with negatives. One that names a slate whose impression is not there (yet) stands for that impression: batches of
 * clients may come in any order, and features have to be read before the first of them is folded. A slate with no
 * impression at all is left out.
 */
export class Join {
  readonly counts: JoinCounts = { impressions: 0, repeated: 0, beyondLimit: 0, outcomes: 0, late: 0, implied: 0 }
  /** Latest event time read. */
  latest = 0
  readonly outcomes: Outcomes
  readonly returns: Returns
  readonly items = new IdTable()
  readonly users = new IdTable()
  /** Surfaces, devices and countries. */
  readonly words = new IdTable()

  private readonly kinds: Kinds
  private readonly attributionMs: number
  private readonly impression: number
  private readonly requestSlots = new Slots()
  private readonly impressionSlots = new Slots()
  private readonly request = {
    place: new Column(Float64Array),
    at: new Column(Float64Array),
    user: new Column(Int32Array),
    surface: new Column(Int32Array),
    device: new Column(Int32Array),
    country: new Column(Int32Array),
    sampled: new Column(Uint8Array),
    /** Items on it, and how many of them were seen to be shown. */
    count: new Column(Uint16Array),
    impressions: new Column(Uint16Array),
    first: new Column(Int32Array),
    last: new Column(Int32Array),
    next: new Column(Int32Array),
  }
  private readonly shown = {
    item: new Column(Uint32Array),
    position: new Column(Int16Array),
    owner: new Column(Uint32Array),
    real: new Column(Uint8Array), // 0: known from an outcome only
    next: new Column(Int32Array),
  }
  /** Slate names by request slot, and back. As many as requests wait. */
  private readonly slateNames: (string | undefined)[] = []
  private readonly slates = new Map<string, number>()
  private readonly onSlate = new PairTable() // request x item
  private readonly ofSlate = new Column(Int32Array)
  private readonly seenBy = new PairTable() // user x item: the latest
  private readonly ofViewer = new Column(Int32Array)
  private front = NONE
  private back = NONE

  constructor(kinds: Kinds, attributionMs: number, returnMs: number) {
    this.kinds = kinds
    this.attributionMs = attributionMs
    this.impression = kinds.code('impression')
    this.outcomes = new Outcomes(kinds)
    this.returns = new Returns(returnMs)
  }

  /** Requests that wait. */
  get size(): number {
    return this.requestSlots.size
  }

  /** Place in the journal of the entry that the front request begins with; -1 when none waits. */
  get place(): number {
    return this.front === NONE ? -1 : this.request.place.array[this.front]
  }

  /** Moment of the front request. */
  get at(): number {
    return this.front === NONE ? Number.NaN : this.request.at.array[this.front]
  }

  /** The front request; its impressions in the order of positions, then of coming. `remove` it when done. */
  read(): PendingRequest {
    const slot = this.front
    const { place, at, user, surface, device, country, sampled, first, count } = this.request
    const shown = new Uint32Array(count.array[slot])
    for (let i = 0, one = first.array[slot]; one !== NONE; one = this.shown.next.array[one]) shown[i++] = one
    const { array: positions } = this.shown.position
    const word = (row: number) => (row < 0 ? '' : this.words.name(row))
    return {
      slot,
      place: place.array[slot],
      at: at.array[slot],
      user: user.array[slot] < 0 ? undefined : this.users.name(user.array[slot]),
      surface: word(surface.array[slot]),
      device: word(device.array[slot]),
      country: word(country.array[slot]),
      slate: this.slateNames[slot],
      sampled: sampled.array[slot] === 1,
      impressions: this.request.impressions.array[slot],
      shown: shown.sort((a, b) => rank(positions[a]) - rank(positions[b])),
    }
  }

  item(shown: number): string {
    return this.items.name(this.shown.item.array[shown])
  }

  position(shown: number): number {
    return this.shown.position.array[shown]
  }

  /** Takes the front request out. */
  remove(): void {
    const slot = this.front
    const user = this.request.user.array[slot]
    for (let one = this.request.first.array[slot]; one !== NONE; ) {
      const item = this.shown.item.array[one]
      this.onSlate.remove(slot, item)
      const pair = user < 0 ? -1 : this.seenBy.find(user, item)
      if (pair >= 0 && this.ofViewer.array[pair] === one) this.seenBy.remove(user, item)
      this.impressionSlots.give(one)
      one = this.shown.next.array[one]
    }
    const slate = this.slateNames[slot]
    if (slate !== undefined) this.slates.delete(slate)
    this.slateNames[slot] = undefined
    this.returns.remove(slot, user)
    this.front = this.request.next.array[slot]
    if (this.front === NONE) this.back = NONE
    this.requestSlots.give(slot)
  }

  /** Reads on by one entry; `place` counts entries. */
  take(entry: Entry, place: number): void {
    if (entry.type !== 'event') return
    const { event } = entry
    const kind = this.kinds.code(event.kind)
    if (kind < 0) return
    if (event.at > this.latest) this.latest = event.at
    const user = event.user === undefined ? -1 : this.users.row(event.user)
    this.returns.seen(user, event.at)
    if (event.item === undefined) return
    const item = this.items.row(event.item)
    if (kind === this.impression) this.show(event, user, item, place)
    else this.outcome(event, kind, user, item, place)
  }

  private show(event: Event, user: number, item: number, place: number): void {
    this.counts.impressions++
    const slot = this.slotOf(event, user, place)
    const { request, shown } = this
    request.at.array[slot] = Math.min(request.at.array[slot], event.at)
    if (request.impressions.array[slot] === 0) this.setContext(slot, event) // an outcome may have opened it
    const pair = this.onSlate.find(slot, item)
    const one = pair >= 0 ? this.ofSlate.array[pair] : this.add(slot, event, user, item)
    if (one === NONE) return
    if (shown.real.array[one] === 1) {
      this.counts.repeated++
      return
    }
    shown.real.array[one] = 1
    shown.position.array[one] = placeOf(event)
    request.impressions.array[slot]++
  }

  private outcome(event: Event, kind: number, user: number, item: number, place: number): void {
    let shown = this.shownFor(event, user, item)
    if (shown !== NONE && event.at > this.request.at.array[this.shown.owner.array[shown]] + this.attributionMs) {
      this.counts.late++
      if (event.slate !== undefined) return
      shown = NONE
    }
    if (shown !== NONE) this.counts.outcomes++
    else if (event.slate !== undefined) {
      this.counts.implied++
      shown = this.add(this.slotOf(event, user, place), event, user, item)
    } else {
      const spec = this.kinds.specs[kind]
      if (user < 0 || !spec?.consumes || spec.strength <= 0) return
      shown = this.add(this.open(event, user, place, true), event, user, item)
    }
    if (shown !== NONE) this.outcomes.note(shown, kind, event)
  }

  private shownFor(event: Event, user: number, item: number): number {
    if (event.slate !== undefined) {
      const slot = this.slates.get(event.slate)
      const pair = slot === undefined ? -1 : this.onSlate.find(slot, item)
      return pair < 0 ? NONE : this.ofSlate.array[pair]
    }
    const pair = user < 0 ? -1 : this.seenBy.find(user, item)
    return pair < 0 ? NONE : this.ofViewer.array[pair]
  }

  private slotOf(event: Event, user: number, place: number): number {
    const held = event.slate === undefined ? undefined : this.slates.get(event.slate)
    return held ?? this.open(event, user, place, false)
  }

  private open(event: Event, user: number, place: number, sampled: boolean): number {
    const slot = this.requestSlots.take()
    const { request } = this
    for (const column of Object.values(request)) column.ensure(slot)
    request.place.array[slot] = place
    request.at.array[slot] = event.at
    request.user.array[slot] = user
    this.setContext(slot, event)
    request.sampled.array[slot] = sampled ? 1 : 0
    request.count.array[slot] = 0
    request.impressions.array[slot] = 0
    request.first.array[slot] = NONE
    request.last.array[slot] = NONE
    request.next.array[slot] = NONE
    if (this.back === NONE) this.front = slot
    else request.next.array[this.back] = slot
    this.back = slot
    if (event.slate !== undefined && !sampled) {
      this.slates.set(event.slate, slot)
      this.slateNames[slot] = event.slate
    }
    this.returns.wait(slot, user, event.at)
    return slot
  }

  private setContext(slot: number, event: Event): void {
    const { request, words } = this
    request.surface.array[slot] = event.surface === undefined ? -1 : words.row(event.surface)
    request.device.array[slot] = event.device === undefined ? -1 : words.row(event.device)
    request.country.array[slot] = event.country === undefined ? -1 : words.row(event.country.toUpperCase())
  }

  private add(slot: number, event: Event, user: number, item: number): number {
    const { request, shown } = this
    if (request.count.array[slot] >= IMPRESSIONS_MAX) {
      this.counts.beyondLimit++
      return NONE
    }
    const one = this.impressionSlots.take()
    for (const column of Object.values(shown)) column.ensure(one)
    shown.item.array[one] = item
    shown.position.array[one] = placeOf(event)
    shown.owner.array[one] = slot
    shown.real.array[one] = 0
    shown.next.array[one] = NONE
    const last = request.last.array[slot]
    if (last === NONE) request.first.array[slot] = one
    else shown.next.array[last] = one
    request.last.array[slot] = one
    request.count.array[slot]++
    this.outcomes.open(one)
    const pair = this.onSlate.slot(slot, item)
    this.ofSlate.ensure(pair)
    this.ofSlate.array[pair] = one
    if (user >= 0) {
      const viewed = this.seenBy.slot(user, item)
      this.ofViewer.ensure(viewed)
      this.ofViewer.array[viewed] = one
    }
    return one
  }
}

/** A request that waits, read out. */
export interface PendingRequest {
  readonly slot: number
  readonly place: number
  readonly at: number
  readonly user: string | undefined
  /** Empty when unknown. */
  readonly surface: string
  readonly device: string
  readonly country: string
  readonly slate: string | undefined
  /** A positive without an impression. */
  readonly sampled: boolean
  /** How many of its items were seen to be shown. */
  readonly impressions: number
  /** Slots of its impressions. */
  readonly shown: Uint32Array
}

const POSITION_MAX = 0x7fff

function placeOf(event: Event): number {
  return event.position === undefined ? -1 : Math.min(POSITION_MAX, event.position)
}

/** Unknown positions come last. */
function rank(position: number): number {
  return position < 0 ? POSITION_MAX + 1 : position
}
