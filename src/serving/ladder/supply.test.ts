import { describe, expect, it } from 'vitest'
import { manualClock } from '../../foundation/base/index.ts'
import { completeConfig } from '../../domain/index.ts'
import { Candidates, type Query } from '../pipeline/index.ts'
import { testQuery } from '../pipeline/testing/query.ts'
import { CachedSlates } from './cached-slates.ts'
import { PopularSlates } from './popular-slates.ts'
import { createSupply } from './supply.ts'

const viewer = (row: number, country = -1): Partial<Query> => ({ viewer: { ...testQuery().viewer, row, country } })
const passes = () => 0
const without =
  (...rows: number[]) =>
  (row: number) =>
    rows.includes(row) ? 1 : 0
const want = (need: number, failed = true, thrifty = false) => ({ need, failed, thrifty })

/** Rows 10, 11, ... as ranked; those at the given places were shown. */
function keep(cached: CachedSlates, query: Query, shown: number[], count = 5) {
  const ranked = new Candidates([], count)
  for (let i = 0; i < count; i++) ranked.rows[i] = 10 + i
  cached.keep(
    query,
    ranked,
    shown.map((index) => ({ index, propensity: 1, explored: false, pinned: false })),
  )
}

function ground() {
  const clock = manualClock()
  const cached = new CachedSlates()
  const lists: Record<number, number[]> = { [-1]: [1, 2, 3], 4: [3, 2, 1] }
  let broken = false
  const popular = new PopularSlates((country) => {
    if (broken) throw new Error('no lists')
    return lists[country] ?? []
  }, clock)
  let swept = 0
  const supply = createSupply({
    cached,
    popular,
    sweep: (_query, check, taken, need) => {
      swept++
      return Uint32Array.from([90, 91, 92].filter((row) => !taken.has(row) && check(row) === 0).slice(0, need))
    },
  })
  return { clock, cached, supply, breakLists: () => void (broken = true), swept: () => swept }
}

describe('the supply', () => {
  it('gives the slate as it was shown, then its runners-up, then what is popular, then a sweep; each once', () => {
    const { cached, supply } = ground()
    const query = testQuery(viewer(1))
    keep(cached, query, [2, 0])
    const give = (need: number) => supply.give(query, passes, new Set([2]), want(need))
    expect(give(3)).toEqual({ rows: Uint32Array.of(12, 10, 11), rung: 'cached' })
    expect(give(6)).toEqual({ rows: Uint32Array.of(12, 10, 11, 13, 14, 1), rung: 'popular' })
    expect(give(9)).toEqual({ rows: Uint32Array.of(12, 10, 11, 13, 14, 1, 3, 90, 91), rung: 'sweep' })
  })

  it('has ready what alone is enough: the slate kept from before, or what is popular where nothing is asked for', () => {
    const { cached, supply } = ground()
    const query = testQuery(viewer(1))
    expect(supply.ready(query, passes, 3)).toEqual({ rows: Uint32Array.of(1, 2, 3), rung: 'popular' })
    expect(supply.ready(query, passes, 4)).toBeUndefined()
    keep(cached, query, [2, 0])
    expect(supply.ready(query, passes, 5)).toEqual({ rows: Uint32Array.of(12, 10, 11, 13, 14), rung: 'cached' })
    expect(supply.ready(query, without(10, 11, 2), 3)).toEqual({ rows: Uint32Array.of(12, 13, 14), rung: 'cached' })
    expect(supply.ready(query, without(10, 11, 12), 3)).toEqual({ rows: Uint32Array.of(1, 2, 3), rung: 'popular' })
    expect(supply.ready(testQuery({ ...viewer(1), item: 4 }, { needs: 'item' }), passes, 3)).toBeUndefined()
  })

  it('has no order ready that was made for another viewer: it fills a gap, and replaces nobody’s own', () => {
    const { cached, supply } = ground()
    const following = (row: number) => testQuery({ ...viewer(row), surface: 'next', item: 4 }, { needs: 'item' })
    keep(cached, following(2), [1])
    expect(supply.ready(following(2), passes, 3)?.rung).toBe('cached')
    expect([following(1), following(-1)].map((query) => supply.ready(query, passes, 3))).toEqual([undefined, undefined])
    expect(supply.give(following(1), passes, new Set(), want(2))).toEqual({
      rows: Uint32Array.of(11, 10),
      rung: 'cached',
    })
    keep(cached, following(-1), [2])
    expect(supply.ready(following(-1), passes, 3)?.rung).toBe('cached') // strangers are alike
  })

  it('lets through only what passes now', () => {
    const { cached, supply } = ground()
    const query = testQuery(viewer(1))
    keep(cached, query, [0, 1])
    expect(supply.give(query, without(10, 11, 12, 13, 14, 2), new Set(), want(2))).toEqual({
      rows: Uint32Array.of(1, 3),
      rung: 'popular',
    })
  })

  it('sweeps, and only sweeps, when retrieval did not fail; sweeps in haste only when nothing else is left', () => {
    const { cached, supply, swept } = ground()
    const query = testQuery(viewer(1))
    keep(cached, query, [0])
    expect(supply.give(query, passes, new Set(), want(2, false))).toEqual({
      rows: Uint32Array.of(90, 91),
      rung: 'sweep',
    })
    expect(supply.give(query, passes, new Set(), want(50, true, true)).rung).toBe('popular')
    expect(swept()).toBe(1)
    const only90 = (row: number) => (row === 90 ? 0 : 1)
    expect(supply.give(query, only90, new Set(), want(5, true, true))).toEqual({
      rows: Uint32Array.of(90),
      rung: 'sweep',
    })
  })

  it('gives each country its own popular list, and the one from before when it cannot be made', () => {
    const { clock, supply, breakLists } = ground()
    const of = (country: number) => [...supply.give(testQuery(viewer(-1, country)), passes, new Set(), want(3)).rows]
    expect(of(4)).toEqual([3, 2, 1])
    expect(of(-1)).toEqual([1, 2, 3])
    breakLists()
    clock.advance(60_000)
    expect(of(4)).toEqual([3, 2, 1])
  })
})

describe('kept slates', () => {
  it('belong to the viewer, the followed item or the search text, by what the surface needs', () => {
    const cached = new CachedSlates()
    const { surfaces } = completeConfig()
    const next = testQuery({ ...viewer(1), surface: 'next', item: 7 }, surfaces['next'])
    keep(cached, next, [0])
    expect(cached.find({ ...next, viewer: testQuery(viewer(2)).viewer })).toHaveLength(5)
    expect(cached.find({ ...next, item: 8 })).toHaveLength(0)
    const search = testQuery({ surface: 'search', text: 'Jazz' }, surfaces['search'])
    keep(cached, search, [0])
    expect(cached.find({ ...search, text: 'jazz' })).toHaveLength(5)
    keep(cached, testQuery(viewer(-1)), [0])
    expect(cached.size).toBe(2) // nothing is kept of a viewer nobody knows
  })

  it('are not made of narrowed requests, and are forgotten with the user', () => {
    const cached = new CachedSlates()
    keep(cached, testQuery({ ...viewer(1), offset: 20 }), [0])
    keep(cached, testQuery({ ...viewer(1), rule: { field: 'price', max: 1 } }), [0])
    keep(cached, testQuery({ ...viewer(1), excluded: [9] }), [0])
    expect(cached.size).toBe(0)
    keep(cached, testQuery(viewer(1)), [0])
    const { surfaces } = completeConfig()
    const next = (row: number, item: number) => testQuery({ ...viewer(row), surface: 'next', item }, surfaces['next'])
    for (const [row, item] of [
      [1, 7],
      [2, 8],
      [-1, 9],
    ] as const)
      keep(cached, next(row, item), [0])
    expect(cached.forget(1)).toBe(2)
    expect([7, 8, 9].map((item) => cached.has(next(3, item)))).toEqual([false, true, true])
    expect([cached.forget(-1), cached.size]).toEqual([0, 2])
  })

  it('are so many at most; the oldest leaves', () => {
    const cached = new CachedSlates()
    const one = testQuery(viewer(0)) // completing a configuration for each took half a minute on a busy machine
    for (let row = 0; row <= 20_000; row++) keep(cached, { ...one, viewer: { ...one.viewer, row } }, [0], 1)
    expect(cached.size).toBe(20_000)
    expect(cached.find(testQuery(viewer(0)))).toHaveLength(0)
    expect(cached.find(testQuery(viewer(20_000)))).toHaveLength(1)
  })
})
