import { Column, IdTable, PairTable } from '../../foundation/base/index.ts'
import type { Event } from '../../domain/index.ts'
import { Slots } from './slots.ts'

/** Most items of one request; what a slate holds at most. */
export const IMPRESSIONS_MAX = 200
export const NONE = -1
const POSITION_MAX = 0x7fff

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

/**
 * Requests that wait for what will come of them, in the order in which they were opened, each with a list of its
 * impressions; found by slate, by slate and item, and by viewer and item. All in columns whose slots are used again:
 * memory is that of the requests that wait, and of the ids.
 */
export class Pending {
  readonly items = new IdTable()
  readonly users = new IdTable()
  /** Surfaces, devices and countries. */
  readonly words = new IdTable()

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

  /** The request of a slate, or NONE. */
  ofName(slate: string): number {
    return this.slates.get(slate) ?? NONE
  }

  userOf(slot: number): number {
    return this.request.user.array[slot]
  }

  momentOf(slot: number): number {
    return this.request.at.array[slot]
  }

  /** The request of an impression. */
  ownerOf(shown: number): number {
    return this.shown.owner.array[shown]
  }

  /** The impression of an item on a request, or NONE. */
  on(slot: number, item: number): number {
    const pair = this.onSlate.find(slot, item)
    return pair < 0 ? NONE : this.ofSlate.array[pair]
  }

  /** The viewer's latest impression of an item, or NONE. */
  by(user: number, item: number): number {
    const pair = user < 0 ? -1 : this.seenBy.find(user, item)
    return pair < 0 ? NONE : this.ofViewer.array[pair]
  }

  item(shown: number): string {
    return this.items.name(this.shown.item.array[shown])
  }

  position(shown: number): number {
    return this.shown.position.array[shown]
  }

  /** A new request at the back. `place`: of the entry that opens it. */
  open(event: Event, user: number, place: number, sampled: boolean): number {
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
    return slot
  }

  /** Puts an item on a request. NONE when the request is full. */
  add(slot: number, event: Event, item: number): number {
    const { request, shown } = this
    if (request.count.array[slot] >= IMPRESSIONS_MAX) return NONE
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
    const pair = this.onSlate.slot(slot, item)
    this.ofSlate.ensure(pair)
    this.ofSlate.array[pair] = one
    const user = request.user.array[slot]
    if (user >= 0) {
      const viewed = this.seenBy.slot(user, item)
      this.ofViewer.ensure(viewed)
      this.ofViewer.array[viewed] = one
    }
    return one
  }

  /** An item on a request was seen to be shown. False when it had been before. */
  show(shown: number, event: Event): boolean {
    if (this.shown.real.array[shown] === 1) return false
    const { request } = this
    const slot = this.shown.owner.array[shown]
    if (request.impressions.array[slot] === 0) this.setContext(slot, event) // an outcome may have opened it
    this.shown.real.array[shown] = 1
    this.shown.position.array[shown] = placeOf(event)
    request.at.array[slot] = Math.min(request.at.array[slot], event.at)
    request.impressions.array[slot]++
    return true
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

  /** Takes the front request out; gives its slot and user. */
  remove(): { readonly slot: number; readonly user: number } {
    const slot = this.front
    const user = this.request.user.array[slot]
    for (let one = this.request.first.array[slot]; one !== NONE; one = this.shown.next.array[one]) {
      const item = this.shown.item.array[one]
      this.onSlate.remove(slot, item)
      if (this.by(user, item) === one) this.seenBy.remove(user, item)
      this.impressionSlots.give(one)
    }
    const slate = this.slateNames[slot]
    if (slate !== undefined) this.slates.delete(slate)
    this.slateNames[slot] = undefined
    this.front = this.request.next.array[slot]
    if (this.front === NONE) this.back = NONE
    this.requestSlots.give(slot)
    return { slot, user }
  }

  private setContext(slot: number, event: Event): void {
    const { request, words } = this
    request.surface.array[slot] = event.surface === undefined ? -1 : words.row(event.surface)
    request.device.array[slot] = event.device === undefined ? -1 : words.row(event.device)
    request.country.array[slot] = event.country === undefined ? -1 : words.row(event.country.toUpperCase())
  }
}

function placeOf(event: Event): number {
  return event.position === undefined ? -1 : Math.min(POSITION_MAX, event.position)
}

/** Unknown positions come last. */
function rank(position: number): number {
  return position < 0 ? POSITION_MAX + 1 : position
}
