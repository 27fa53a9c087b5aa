import { DAY, Deadline, HOUR, manualClock, Random } from '../../../foundation/base/index.ts'
import { completeConfig, type ConfigInput, Kinds } from '../../../domain/index.ts'
import { State } from '../../../stream/catalog/index.ts'
import { Histories } from '../../../stream/features/index.ts'
import type { Query, Viewer } from '../../pipeline/index.ts'
import { stranger, testQuery } from '../../pipeline/testing/query.ts'
import { createSources } from '../create.ts'

export const NOW = Date.UTC(2026, 0, 31)

/**
 * A small catalogue with planted taste, for tests: item i is of genre i % 4 and made by creator i % 10; user u is at
 * home in genre u % 4, watches its items in ascending order, some only begun, and likes some of them.
 */
export function toyWorld({ items = 120, users = 40 } = {}, retrieval: ConfigInput['retrieval'] = {}) {
  const state = new State(new Kinds())
  const histories = state.add(new Histories())
  const pins = [{ item: 'item-7' }, { item: 'item-3' }, { item: 'item-9', surface: 'search' }]
  const config = completeConfig({ retrieval: { slimRidge: 1, pins, ...retrieval } })
  const { sources, indexes } = createSources({ state, features: { histories }, config: config.retrieval })
  const random = new Random('toy world')
  for (let i = 0; i < items; i++) {
    state.apply({
      type: 'item',
      at: NOW - 60 * DAY,
      item: {
        id: `item-${i}`,
        title: `Film ${i} of genre${i % 4}`,
        creator: `creator-${i % 10}`,
        categories: [`genre${i % 4}`],
        tags: [`tag${i % 9}`],
        language: 'en',
        published: isNew(i) ? NOW - (1 + i) * HOUR : NOW - (20 + i) * DAY,
      },
    })
  }
  for (let u = 0; u < users; u++) {
    const user = { id: `user-${u}`, country: u % 2 ? 'DE' : 'FR', age: 20 + u, follows: [`creator-${u % 10}`] }
    state.apply({ type: 'user', at: NOW - 60 * DAY, user: { ...user, interests: [`genre${(u + 1) % 4}`] } })
    for (let n = 0, i = u % 4; i < items; i += 4) {
      if (random.chance(0.5) || isNew(i)) continue
      const at = NOW - 50 * DAY + (n++ / 30) * 49.9 * DAY + u
      const value = { kind: 'watch', user: user.id, item: `item-${i}`, at, receivedAt: at }
      const completion = n % 3 === 0 ? 0.4 : 1
      state.apply({ type: 'event', event: { id: `${u}-${i}`, ...value, completion } })
      if (n % 4 === 1) state.apply({ type: 'event', event: { id: `${u}-${i}-like`, ...value, kind: 'like' } })
    }
  }
  for (let n = 0; n < 30 && items > 20; n++) {
    const event = { id: `rush-${n}`, kind: 'like', item: 'item-20', at: NOW - n * 60_000, receivedAt: NOW }
    state.apply({ type: 'event', event })
  }
  indexes.slim.build()
  return {
    state,
    histories,
    config,
    sources,
    indexes,
    now: NOW,
    delete: (row: number) => state.apply({ type: 'item-deleted', id: state.items.ids.name(row), at: NOW }),
    row: (id: string) => state.items.ids.find(id),
    names: (rows: ArrayLike<number>) => Array.from(rows, (row) => state.items.ids.name(row)),
  }
}
/** New items, that nobody has met. */
const isNew = (i: number): boolean => i % 6 === 5

export type ToyWorld = ReturnType<typeof toyWorld>

export function viewerOf({ state, histories }: ToyWorld, id: string): Viewer {
  const row = state.users.ids.find(id)
  const historyLength = row < 0 ? 0 : histories.length(row)
  return {
    ...stranger,
    row,
    id,
    personal: historyLength > 0,
    historyLength,
    age: row < 0 ? -1 : state.users.age.array[row],
    country: row < 0 ? -1 : state.users.country.array[row],
  }
}

export function queryOf(world: ToyWorld, asked: Partial<Query>): Query {
  const plan = world.config.surfaces['home']
  if (!plan) throw new TypeError('The configuration has no surface "home"')
  return testQuery({
    plan,
    viewer: viewerOf(world, 'nobody'),
    at: world.now,
    limit: 20,
    deadline: new Deadline(manualClock(), 100),
    random: (purpose) => new Random(`slate:${purpose}`),
    ...asked,
  })
}
