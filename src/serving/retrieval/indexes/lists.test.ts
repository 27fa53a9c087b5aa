import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bytesOf, DAY, HOUR } from '../../../foundation/base/index.ts'
import { completeConfig, Kinds } from '../../../domain/index.ts'
import { State } from '../../../stream/catalog/index.ts'
import { DecayScale } from '../../../stream/features/index.ts'
import { PopularLists } from './lists.ts'
import { TopSums } from './top-sums.ts'

const START = Date.UTC(2026, 0, 1)
const ITEMS = 30

function world(retrieval = {}) {
  const state = new State(new Kinds())
  const lists = state.add(new PopularLists(state.items, completeConfig({ retrieval }).retrieval))
  for (let i = 0; i < ITEMS; i++) state.apply({ type: 'item', item: { id: `i${i}`, categories: [`c${i % 3}`] }, at: 0 })
  let id = 0
  const event = (item: number, at: number, kind = 'click', country?: string) => {
    const where = country === undefined ? {} : { country }
    state.apply({ type: 'event', event: { id: `e${id++}`, kind, item: `i${item}`, at, receivedAt: at, ...where } })
  }
  return { state, lists, event }
}

describe('TopSums', () => {
  const add = fc.tuple(fc.nat(2), fc.nat(40), fc.nat(400), fc.integer({ min: 1, max: 5 }))

  it('holds exactly the items with the largest decayed sums, whatever the order of events', () => {
    fc.assert(
      fc.property(fc.array(add, { maxLength: 200 }), (list) => {
        const scale = new DecayScale(HOUR)
        const top = new TopSums(scale, { depth: 6, pairsMax: 1000 })
        const sums = new Map<number, Map<number, number>>()
        for (const [segment, item, hours, amount] of list) {
          top.add(segment, item, START + hours * HOUR, amount)
          const of = sums.get(segment) ?? new Map<number, number>()
          sums.set(segment, of.set(item, (of.get(item) ?? 0) + amount * 2 ** (hours - 200)))
        }
        for (const [segment, of] of sums) {
          const held: number[] = []
          top.each(segment, (item) => held.push(item))
          const least = Math.min(...held.map((item) => of.get(item) as number))
          expect(held.length).toBe(Math.min(6, of.size))
          for (const [item, sum] of of) if (!held.includes(item)) expect(sum).toBeLessThanOrEqual(least * (1 + 1e-12))
        }
      }),
    )
  })

  it('stays within its pairs, and keeps the great ones', () => {
    const top = new TopSums(new DecayScale(DAY), { depth: 4, pairsMax: 64 })
    for (let n = 0; n < 3000; n++) {
      for (let great = 0; great < 3; great++) top.add(0, great, START + n, 5)
      top.add(0, 10 + n, START + n, 1)
    }
    const held = new Set<number>()
    top.each(0, (item) => held.add(item))
    expect(held.size).toBe(4)
    for (let great = 0; great < 3; great++) expect(held.has(great)).toBe(true)
    expect(bytesOf(top)).toBeLessThan(100_000)
  })
})

describe('PopularLists', () => {
  it('decays by its half-life: popularity equals the sum by hand', () => {
    const { lists, event } = world({ popularHalfLifeHours: 24 })
    event(3, START)
    event(3, START + DAY, 'like')
    event(3, START + DAY / 2) // late
    const expected = (at: number) =>
      1 * 2 ** (-(at - START) / DAY) + 3 * 2 ** (-(at - START - DAY) / DAY) + 2 ** (-(at - START - DAY / 2) / DAY)
    for (const at of [START + DAY, START + 3 * DAY]) expect(lists.popularity(3, at)).toBeCloseTo(expected(at), 9)
  })

  it('is not moved by impressions or by what is waved away', () => {
    const { lists, event } = world()
    for (let n = 0; n < 100; n++) event(1, START + n, 'impression')
    for (let n = 0; n < 100; n++) event(2, START + n, 'not-interested')
    event(4, START)
    expect(Array.from(lists.popular(-1, 0, START).rows)).toEqual([4])
  })

  it('orders by present strength where there is much of it, by standing strength where there is little', () => {
    const { lists, event } = world({ listRefreshMs: 0 })
    for (let n = 0; n < 3000; n++) event(1, START + n)
    event(2, START + 100 * DAY)
    expect(lists.popular(-1, 0, START + 100 * DAY).rows[0]).toBe(1)
    for (let n = 0; n < 3000; n++) event(2, START + 100 * DAY + n)
    expect(lists.popular(-1, 0, START + 101 * DAY).rows[0]).toBe(2)
  })

  it('blends shares: the list of a country equals the formula', () => {
    const { lists, event, state } = world()
    for (let n = 0; n < 50; n++) event(n % 5, START, 'click', 'DE')
    for (let n = 0; n < 300; n++) event(5 + (n % 4), START, 'click', 'FR')
    const list = lists.popular(state.items.countries.find('DE'), 0, START)
    const everybody = (mass: number) => (mass + (5000 * mass) / 350) / (350 + 5000)
    const expected = (inside: number, all: number) => (inside + 200 * everybody(all)) / (50 + 200)
    const place = Array.from(list.rows).indexOf(2)
    expect(list.scores[place]).toBeCloseTo(expected(10, 10), 6)
    expect(list.scores[Array.from(list.rows).indexOf(6)]).toBeCloseTo(expected(0, 75), 6)
  })

  it('calls a trend what departs from its own rate', () => {
    const { lists, event } = world()
    for (let hour = 0; hour < 2000; hour++) for (let n = 0; n < 20; n++) event(1, START + hour * HOUR)
    const now = START + 2000 * HOUR
    for (let n = 0; n < 80; n++) event(2, now - n * 1000)
    event(3, now, 'purchase')
    expect(Array.from(lists.trending(-1, now).rows)).toEqual([2])
    expect(lists.popular(-1, 0, now).rows[0]).toBe(1)
  })

  it('makes a list anew at most once per refresh', () => {
    const { lists, event } = world({ listRefreshMs: 500 })
    event(1, START)
    const first = lists.popular(-1, 0, START)
    event(2, START, 'share')
    expect(lists.popular(-1, 0, START + 499)).toBe(first)
    expect(Array.from(lists.popular(-1, 0, START + 500).rows)).toEqual([2, 1])
  })

  it('lets a list wait while little of what it rests on has changed, but not for ever', () => {
    const { lists, event } = world({ listRefreshMs: 500 })
    for (let n = 0; n < 1000; n++) event(1, START)
    const first = lists.popular(-1, 0, START)
    for (let n = 0; n < 40; n++) event(2, START) // 4 %
    expect(lists.popular(-1, 0, START + 7499)).toBe(first)
    expect(Array.from(lists.popular(-1, 0, START + 7500).rows)).toEqual([1, 2])
    for (let n = 0; n < 60; n++) event(3, START) // 5.8 %
    expect(Array.from(lists.popular(-1, 0, START + 8000).rows)).toEqual([1, 3, 2])
  })

  it('lists categories, without what was deleted', () => {
    const { lists, event, state } = world()
    for (const item of [0, 3, 3, 6, 6, 6, 1]) event(item, START)
    expect(Array.from(lists.ofCategory(0, START).rows)).toEqual([6, 3, 0])
    state.apply({ type: 'item-deleted', id: 'i6', at: START })
    expect(Array.from(lists.ofCategory(0, START + HOUR).rows)).toEqual([3, 0])
  })
})
