import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Event, Kinds } from '../../../domain/index.ts'
import { State } from '../../../stream/catalog/index.ts'
import { Histories } from '../../../stream/features/index.ts'
import { CoVisitation } from './covisitation.ts'
import { Neighbours } from './neighbours.ts'

const ITEMS = 12

function world(options = { neighbours: 128, covisitSpan: 50 }) {
  const state = new State(new Kinds())
  const histories = state.add(new Histories())
  const covisit = state.add(new CoVisitation(state.items, histories, options))
  for (let i = 0; i < ITEMS; i++) state.apply({ type: 'item', item: { id: `i${i}` }, at: 0 })
  let id = 0
  const event = (user: number, item: number, at: number, changes: Partial<Event> = {}) =>
    state.apply({
      type: 'event',
      event: { id: `e${id++}`, kind: 'click', user: `u${user}`, item: `i${item}`, at, receivedAt: at, ...changes },
    })
  return { state, covisit, event }
}

const kind = fc.constantFrom('click', 'watch', 'like', 'impression', 'survey')
const log = fc.array(
  fc.record({
    user: fc.integer({ min: 0, max: 4 }),
    item: fc.integer({ min: 0, max: ITEMS - 1 }),
    at: fc.integer({ min: 0, max: 50_000 }),
    kind,
  }),
  { maxLength: 120 },
)

describe('CoVisitation', () => {
  it('counts, in any order of events, how many users consumed both', () => {
    fc.assert(
      fc.property(log, (events) => {
        const { covisit, event } = world()
        const sets = new Map<number, Set<number>>()
        for (const { user, item, at, kind } of events) {
          event(user, item, at, { kind })
          if (kind === 'impression' || kind === 'survey') continue
          sets.set(user, (sets.get(user) ?? new Set()).add(item))
        }
        const users = (...items: number[]) =>
          [...sets.values()].filter((set) => items.every((item) => set.has(item))).length
        for (let a = 0; a < ITEMS; a++) {
          for (let b = 0; b < ITEMS; b++) {
            if (a === b) continue
            expect(covisit.countOf(a, b)).toBe(users(a, b))
            const cosine = users(a, b) / (Math.sqrt(users(a) * users(b)) + 5)
            expect(covisit.likeness(a, b)).toBeCloseTo(cosine, 10)
          }
        }
      }),
    )
  })

  it('does not pair beyond the span, nor with what was waved away', () => {
    const { covisit, event } = world({ neighbours: 16, covisitSpan: 2 })
    for (let i = 0; i < 5; i++) event(0, i, i * 1000)
    expect([0, 1, 2, 3].map((i) => covisit.countOf(4, i))).toEqual([0, 0, 1, 1])
    event(1, 6, 1000)
    event(1, 7, 2000, { kind: 'not-interested' })
    event(1, 8, 3000)
    expect([covisit.countOf(8, 6), covisit.countOf(8, 7)]).toEqual([1, 0])
  })

  it('knows the order for what follows: the next one before the one after, none backwards', () => {
    const { covisit, event } = world()
    for (let user = 0; user < 30; user++) for (const [n, item] of [3, 1, 2].entries()) event(user, item, n * 1000)
    const { rows, scores } = covisit.followersOf(3, 10)
    expect(Array.from(rows)).toEqual([1, 2])
    // directed 30 users x 60 / (sqrt(2700 x 1800) + 60), where 3 gave 60 + 30 to each, and undirected a tenth
    const directed = (30 * 60) / (Math.sqrt(30 * 90 * 30 * 60) + 60)
    expect(scores[0]).toBeCloseTo(directed + (0.1 * 30) / 35, 5)
    expect(Array.from(covisit.followersOf(2, 10).scores)).toEqual([Math.fround(3 / 35), Math.fround(3 / 35)])
  })

  it('sums over the items of a viewer, weighted, without those items', () => {
    const { covisit, event } = world()
    for (let user = 0; user < 10; user++) for (const item of [0, 1, 2]) event(user, item, item * 1000)
    const { rows, scores } = covisit.like([0, 1], [1, 0.5], 5)
    expect(Array.from(rows)).toEqual([2])
    expect(scores[0]).toBeCloseTo(1.5 * (10 / 15), 6)
  })

  it('gives neighbours that are in the catalogue', () => {
    const { covisit, event, state } = world()
    for (let user = 0; user < 3; user++) for (const item of [0, 1, 2]) event(user, item, item * 1000)
    state.apply({ type: 'item-deleted', id: 'i1', at: 0 })
    expect(Array.from(covisit.neighboursOf(0, 5).rows)).toEqual([2])
  })
})

describe('Neighbours', () => {
  it('counts exactly while there is room, in any order', () => {
    const adds = fc.array(fc.tuple(fc.nat(3), fc.nat(40), fc.integer({ min: 1, max: 9 })), { maxLength: 300 })
    fc.assert(
      fc.property(adds, (list) => {
        const neighbours = new Neighbours(1024)
        const counts = new Map<string, number>()
        for (const [row, other, weight] of list) {
          neighbours.add(row, other, weight)
          counts.set(`${row} ${other}`, (counts.get(`${row} ${other}`) ?? 0) + weight)
        }
        for (let row = 0; row < 4; row++)
          for (let other = 0; other <= 40; other++)
            expect(neighbours.countOf(row, other)).toBe(counts.get(`${row} ${other}`) ?? 0)
      }),
    )
  })

  it('keeps what comes often among much that comes once, never counts too high, and stays within its room', () => {
    const neighbours = new Neighbours(16)
    for (let n = 0; n < 5000; n++) {
      neighbours.add(0, n % 4, 1)
      neighbours.add(0, 1000 + n, 1)
    }
    expect(neighbours.room(0)).toBe(16)
    for (let often = 0; often < 4; often++) {
      expect(neighbours.countOf(0, often)).toBeGreaterThan(600)
      expect(neighbours.countOf(0, often)).toBeLessThanOrEqual(1250)
    }
  })
})
