import type { EventInput, Item, User } from '../domain/index.ts'
import { Audience } from './audience.ts'
import { simulateHistory } from './history.ts'
import { completeOptions, type WorldOptions, type WorldSizes } from './options.ts'
import { itemRecord, userRecord } from './records.ts'
import { type Planted, plant } from './truth.ts'

/** One thing that happened to the platform, to be told in order of time. */
export type WorldEntry =
  | { readonly type: 'item'; readonly item: Item; readonly at: number }
  | { readonly type: 'user'; readonly user: User; readonly at: number }
  | { readonly type: 'event'; readonly event: EventInput }

/** A simulated video platform with planted truth. */
export class World {
  readonly sizes: WorldSizes
  private readonly planted: Planted

  constructor(sizes: WorldSizes) {
    this.sizes = sizes
    this.planted = plant(sizes)
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
  history(): Generator<EventInput> {
    return simulateHistory(this.planted, new Audience(this.planted, 'history'))
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
