import { HOUR, manualClock, Random } from '../../../foundation/base/index.ts'
import { completeConfig, Kinds } from '../../../domain/index.ts'
import { State } from '../../../stream/catalog/index.ts'
import { Features } from '../../../stream/features/index.ts'
import type { Query } from '../../pipeline/index.ts'
import { testQuery } from '../../pipeline/testing/query.ts'
import { embedded, type MakeOnline, type OnlineFeatures } from '../online.ts'

export const NOW = Date.UTC(2026, 5, 1, 12)
export const ITEMS = 240
export const USERS = 12

export interface Ground {
  readonly state: State
  readonly features: Features
  readonly online: OnlineFeatures
  readonly clock: ReturnType<typeof manualClock>
  event(kind: string, user: number, item: number): void
  queryOf(user: number): Query
}

/** A state with a history, and its features behind a driver. */
export function ground(make: MakeOnline = embedded, clock = manualClock(NOW)): Ground {
  const state = new State(new Kinds())
  const features = new Features(state, completeConfig().ranking)
  const online = make(state, features)
  let made = 0
  const event = (kind: string, user: number, item: number, at = clock.now()) =>
    state.apply({
      type: 'event',
      event: { id: `e${made++}`, kind, user: `u${user}`, item: `i${item}`, at, receivedAt: at, country: 'AT' },
    })
  for (let i = 0; i < ITEMS; i++)
    state.apply({
      type: 'item',
      at: NOW - 100 * HOUR,
      item: { id: `i${i}`, title: `Title ${i}`, creator: `c${i % 17}`, categories: [`k${i % 7}`, `k${i % 3}`] },
    })
  for (let u = 0; u < USERS; u++) state.apply({ type: 'user', at: NOW - 90 * HOUR, user: { id: `u${u}`, age: 20 + u } })
  const random = new Random('features')
  for (let n = 0; n < 2000; n++) {
    const kind = random.pick(['impression', 'impression', 'click', 'like', 'not-interested'])
    event(kind, random.int(USERS), random.int(ITEMS), NOW - (2000 - n) * 60_000)
  }
  const queryOf = (user: number): Query => {
    const row = state.users.ids.find(`u${user}`)
    const query = testQuery({ at: clock.now() })
    return { ...query, viewer: { ...query.viewer, row, country: state.items.countries.find('AT') } }
  }
  return { state, features, online, clock, event, queryOf }
}

export const rowsOf = (count: number): Uint32Array => Uint32Array.from({ length: count }, (_, i) => (i * 7) % ITEMS)
