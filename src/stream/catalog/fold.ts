import { bytesOf, Cell, hash32, IdTable, type Shelf, type Shelved } from '../../foundation/base/index.ts'
import type { Event, Kinds } from '../../domain/index.ts'
import type { Entry } from '../events/index.ts'
import { Items } from './items.ts'
import { type AppliedEvent, ageBand, type Projection } from './projection.ts'
import { Users } from './users.ts'

/**
 * The state of one server: a fold of journal entries over the catalogue and all projections. The live stream and the
 * replay both call `apply`, in journal order, and nothing else changes the state.
 *
 * Late and out-of-order events are applied when they come: counters count them at their own time, histories put them
 * at their own place. An event of a user who opted out counts for its item and leaves no trace of the user.
 */
export class State implements Shelved {
  readonly kinds: Kinds
  readonly items: Items
  readonly users: Users
  private readonly newest = new Cell()
  private readonly folded = new Cell()
  private readonly projections: Projection[] = []
  private readonly current: AppliedEvent = {
    kind: 0,
    consumes: false,
    strength: 0,
    user: -1,
    item: -1,
    creator: -1,
    at: 0,
    value: Number.NaN,
    completion: Number.NaN,
    session: 0,
    position: -1,
    country: -1,
    band: 0,
  }

  constructor(kinds: Kinds) {
    this.kinds = kinds
    this.items = new Items(new IdTable())
    this.users = new Users(this.items)
  }

  /** Latest event time seen. */
  get latest(): number {
    return this.newest.value
  }

  /** Entries folded so far. */
  get applied(): number {
    return this.folded.value
  }

  /** Projections are run in the order they were added. Add them before the first entry. */
  add<P extends Projection>(projection: P): P {
    this.projections.push(projection)
    return projection
  }

  apply(entry: Entry): void {
    this.folded.value++
    switch (entry.type) {
      case 'event':
        this.applyEvent(entry.event)
        return
      case 'item': {
        const row = this.items.put(entry.item, entry.at)
        for (const projection of this.projections) projection.itemChanged?.(row, true)
        return
      }
      case 'item-deleted': {
        const row = this.items.delete(entry.id)
        if (row >= 0) for (const projection of this.projections) projection.itemChanged?.(row, false)
        return
      }
      case 'user': {
        const row = this.users.put(entry.user)
        if (entry.user.optOut) for (const projection of this.projections) projection.forget(row)
        return
      }
    }
  }

  /** Removes all about a user from every projection and the user table. */
  forget(id: string): boolean {
    const row = this.users.ids.find(id)
    if (row < 0) return false
    for (const projection of this.projections) projection.forget(row)
    this.users.forget(row)
    return true
  }

  /** Bytes held per part, for the memory report. */
  memory(): Record<string, number> {
    const parts: Record<string, number> = { items: bytesOf(this.items), users: bytesOf(this.users) }
    for (const projection of this.projections) parts[projection.name] = bytesOf(projection)
    return parts
  }

  shelve(shelf: Shelf): void {
    for (const name of ['newest', 'folded', 'items', 'users'] as const) shelf.part(name, this[name])
    for (const projection of this.projections) shelf.part(projection.name, projection)
  }

  private applyEvent(event: Event): void {
    const { items, users, current } = this
    const kind = this.kinds.code(event.kind)
    const user = event.user === undefined ? -1 : users.row(event.user) // also of what is passed over: whoever is kept can be erased
    if (kind < 0) return // a custom kind that the configuration no longer names
    const optedOut = user >= 0 && users.optedOut.array[user] === 1
    const item = event.item === undefined ? -1 : items.ids.find(event.item)
    current.kind = kind
    current.consumes = this.kinds.specs[kind]?.consumes ?? false
    current.at = event.at
    current.value = event.value ?? Number.NaN
    current.completion = completionOf(event, item < 0 ? Number.NaN : items.duration.array[item])
    current.strength = this.kinds.strength(kind, current.value, current.completion)
    current.user = optedOut ? -1 : user
    current.item = item
    current.creator =
      event.creator !== undefined ? items.creators.row(event.creator) : item >= 0 ? items.creator.array[item] : -1
    current.session = event.session === undefined ? 0 : hash32(event.session)
    current.position = event.position ?? -1
    current.country =
      event.country !== undefined
        ? items.countries.row(event.country.toUpperCase())
        : user >= 0
          ? users.country.array[user]
          : -1
    current.band = user >= 0 ? ageBand(users.age.array[user]) : 0
    if (event.at > this.latest) this.newest.value = event.at
    if (event.kind === 'follow' && current.user >= 0 && current.creator >= 0)
      users.follow(current.user, current.creator)
    for (const projection of this.projections) projection.apply(current)
  }
}

/** Share watched: as said, else seconds over duration, else unknown. */
function completionOf(event: Event, duration: number): number {
  if (event.completion !== undefined) return event.completion
  if (event.kind !== 'watch' || event.value === undefined || !(duration > 0)) return Number.NaN
  return Math.min(1, Math.max(0, event.value / duration))
}
