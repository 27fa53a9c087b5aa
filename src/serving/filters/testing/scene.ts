import { completeConfig, type Event, type Item, Kinds, type SurfaceConfig, type User } from '../../../domain/index.ts'
import { State } from '../../../stream/catalog/index.ts'
import { Histories } from '../../../stream/features/index.ts'
import type { Query } from '../../pipeline/index.ts'
import { stranger, testQuery } from '../../pipeline/testing/query.ts'

export const home = completeConfig().surfaces['home'] as SurfaceConfig

export function emptyState(): { state: State; histories: Histories } {
  const state = new State(new Kinds())
  return { state, histories: state.add(new Histories()) }
}

export function put(state: State, items: readonly Item[], users: readonly User[] = [], events: readonly Event[] = []) {
  for (const item of items) state.apply({ type: 'item', item, at: 0 })
  for (const user of users) state.apply({ type: 'user', user, at: 0 })
  for (const event of events) state.apply({ type: 'event', event })
}

export function event(id: number, kind: string, user: string, item: string): Event {
  return { id: `e${id}`, kind, user, item, at: 10 + id, receivedAt: 10 + id }
}

/** A query of a user by id, hydrated as the engine does it, but that nobody's history counts as one: no filter asks that. */
export function queryOf(state: State, user: string | undefined, changes: Partial<Query> = {}): Query {
  const { users } = state
  const known = user === undefined ? -1 : users.ids.find(user)
  return testQuery({
    viewer: {
      ...stranger,
      row: known >= 0 && users.optedOut.array[known] === 1 ? -1 : known,
      id: user,
      age: known < 0 ? -1 : users.age.array[known],
      country: known < 0 ? -1 : users.country.array[known],
      creator: known < 0 ? -1 : users.creator.array[known],
    },
    at: 1_000,
    limit: 20,
    ...changes,
  })
}
