import type { EventInput, Item, User } from '../domain/index.ts'
import { Audience } from './audience.ts'
import { simulateHistory } from './history.ts'
import { Live, type LiveOptions } from './live.ts'
import { completeOptions, type WorldOptions, type WorldSizes } from './options.ts'
import { Truth } from './oracle.ts'
import { itemRecord, userRecord } from './records.ts'
import { itemId, type Planted, plant, rowOf, userId } from './truth.ts'

/** One thing that happened to the platform, to be told in order of time. */
export type WorldEntry =
  | { readonly type: 'item'; readonly item: Item; readonly at: number }
  | { readonly type: 'user'; readonly user: User; readonly at: number }
  | { readonly type: 'event'; readonly event: EventInput }

/** A simulated video platform with planted truth. */
export class World {
  readonly sizes: WorldSizes
  readonly truth: Truth
  private readonly planted: Planted
  private past: Audience | undefined

  constructor(sizes: WorldSizes) {
    this.sizes = sizes
    this.planted = plant(sizes)
    this.truth = new Truth(this.planted, () => this.ended())
  }

  /** Start and end of the history, milliseconds. */
  get start(): number {
    return this.sizes.start
  }
  get end(): number {
    return this.sizes.end
  }

  /** Items published before the end, in order of publication. */
  *items(): Generator<Item> {
    for (let row = 0; row < this.planted.items.count; row++) yield itemRecord(this.planted, row)
  }

  /** Users in order of joining. */
  *users(): Generator<User> {
    for (let row = 0; row < this.planted.users.count; row++) yield userRecord(this.planted, row)
  }

  /** The events of the history in order of time; `at` in milliseconds. Each call simulates anew, with equal results. */
  *history(): Generator<EventInput> {
    const audience = new Audience(this.planted, 'history')
    yield* simulateHistory(this.planted, audience)
    this.past ??= audience
  }

  /** Items that come out in the 28 days after the end, in order of time: the catalogue of live users keeps growing. */
  *upcoming(): Generator<Item> {
    for (let row = this.planted.items.count; row < this.planted.items.all; row++) yield itemRecord(this.planted, row)
  }

  /** The users as live visitors. Plays the history first when nobody has read it to its end. */
  live(options?: LiveOptions): Live {
    return new Live(this.planted, this.ended(), options)
  }

  /** The row of an item's or user's id; -1 when it is none of this world. */
  itemRow(id: string): number {
    return rowOf(id, 'v', this.planted.items.all)
  }
  userRow(id: string): number {
    return rowOf(id, 'u', this.planted.users.count)
  }
  itemId(row: number): string {
    return itemId(row)
  }
  userId(row: number): string {
    return userId(row)
  }

  /** The audience at the end of the history; it stands still from then on. */
  private ended(): Audience {
    if (this.past) return this.past
    for (const _ of this.history()); // only its end matters
    return this.past as unknown as Audience
  }

  /** Items, users and events interleaved: each item comes when it is published, each user when joining. */
  *entries(): Generator<WorldEntry> {
    const { items, users } = this.planted
    let item = 0
    let user = 0
    for (const event of this.history()) {
      yield* this.arrivals(item, user, event.at as number)
      while (item < items.count && items.published[item] <= (event.at as number)) item++
      while (user < users.count && users.joined[user] <= (event.at as number)) user++
      yield { type: 'event', event }
    }
    yield* this.arrivals(item, user, this.end)
  }

  private *arrivals(item: number, user: number, until: number): Generator<WorldEntry> {
    const { items, users } = this.planted
    for (;;) {
      const published = item < items.count ? items.published[item] : Number.POSITIVE_INFINITY
      const joined = user < users.count ? users.joined[user] : Number.POSITIVE_INFINITY
      if (Math.min(published, joined) > until) return
      if (published <= joined) yield { type: 'item', item: itemRecord(this.planted, item++), at: published }
      else yield { type: 'user', user: userRecord(this.planted, user++), at: joined }
    }
  }
}

/** Makes a world: equal options, equal bytes. @throws RangeError for a size outside its range */
export function createWorld(options: WorldOptions = {}): World {
  return new World(completeOptions(options))
}
