import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Candidates, Pick } from '../pipeline/index.ts'
import { createReranker } from './reranker.ts'
import { scene, type Thing } from './testing/scene.ts'

const things = fc.array(
  fc.record({
    score: fc.integer({ min: -5, max: 20 }).map((n) => n / 4),
    creator: fc.integer({ min: -1, max: 5 }),
    categories: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 }),
    fresh: fc.boolean(),
    barred: fc.integer({ min: 0, max: 4 }).map((n) => n === 0),
    pin: fc.constantFrom(0, 0, 0, 0, 1, 2, 3),
    content: fc.array(fc.nat({ max: 3 }), { minLength: 3, maxLength: 3 }),
  }),
  { maxLength: 60 },
)
const slots = fc.array(fc.nat({ max: 24 }), { maxLength: 5 })
const plans = fc.record({
  diversity: fc.constantFrom('dpp' as const, 'mmr' as const, 'none' as const),
  diversityStrength: fc.constantFrom(0, 0.2, 0.5, 0.9, 1),
  diversityWindow: fc.constantFrom(1, 3, 10, 200),
  creatorCap: fc.integer({ min: 1, max: 10 }),
  categoryCap: fc.integer({ min: 1, max: 10 }),
  explorationSlots: slots,
  pinSlots: slots,
})
const limits = fc.integer({ min: 0, max: 30 })
const offsets = fc.constantFrom(0, 0, 5, 20)

const run = (list: readonly Thing[], plan: object, limit: number, more: { seed?: string; offset?: number } = {}) => {
  const { ranked, facts, query, policy } = scene(list, plan, more)
  return { ranked, picks: createReranker(facts).rerank(query, ranked, limit, policy) }
}
const rowsOf = (ranked: Candidates, picks: readonly Pick[]) => picks.map(({ index }) => ranked.rows[index]!)

describe('the reranker', () => {
  it('never loses, never repeats, never shows what policy bars, never runs short', () => {
    fc.assert(
      fc.property(things, plans, limits, offsets, (list, plan, limit, offset) => {
        const { ranked, picks } = run(list, plan, limit, { offset })
        const rows = rowsOf(ranked, picks)
        expect(picks).toHaveLength(Math.min(limit, list.filter((thing) => !thing.barred).length))
        expect(new Set(rows).size).toBe(rows.length)
        for (const row of rows) expect(list[row]!.barred).toBe(false)
      }),
      { numRuns: 500 },
    )
  })

  it('gives equal bytes for an equal seed, and draws anew for another', () => {
    fc.assert(
      fc.property(things, plans, limits, fc.string(), (list, plan, limit, seed) => {
        expect(run(list, plan, limit, { seed }).picks).toEqual(run(list, plan, limit, { seed }).picks)
      }),
      { numRuns: 200 },
    )
    const list = Array.from({ length: 40 }, (_, i) => ({ score: 40 - i, fresh: i > 20 }))
    const drawn = new Set(
      Array.from(
        { length: 50 },
        (_, seed) => run(list, { explorationSlots: [1] }, 5, { seed: `${seed}` }).picks[1]!.index,
      ),
    )
    expect(drawn.size).toBeGreaterThan(5)
  })

  it('does not depend on the rows that things have, apart from ties', () => {
    fc.assert(
      fc.property(things, plans, limits, fc.integer(), (list, plan, limit, shift) => {
        const distinct = list.map((thing, i) => ({ ...thing, score: thing.score + i / 1000 }))
        const turn = list.length === 0 ? 0 : Math.abs(shift) % list.length
        const turned = [...distinct.slice(turn), ...distinct.slice(0, turn)]
        const [a, b] = [run(distinct, plan, limit), run(turned, plan, limit)]
        expect(rowsOf(b.ranked, b.picks).map((row) => turned[row])).toEqual(
          rowsOf(a.ranked, a.picks).map((row) => distinct[row]),
        )
      }),
      { numRuns: 200 },
    )
  })

  it('puts pins at pin slots in their order, and nothing else is pinned', () => {
    fc.assert(
      fc.property(things, plans, limits, offsets, (list, plan, limit, offset) => {
        const { ranked, picks } = run(list, plan, limit, { offset })
        const wanted = [...new Set(plan.pinSlots.map((slot) => slot - offset))].filter(
          (p) => p >= 0 && p < picks.length,
        )
        const pins = Array.from(list.keys())
          .filter((row) => list[row]!.pin > 0 && !list[row]!.barred)
          .sort((a, b) => list[a]!.pin - list[b]!.pin || list[b]!.score - list[a]!.score || a - b)
        const expected = wanted.sort((a, b) => a - b).slice(0, pins.length)
        expect(picks.flatMap((pick, position) => (pick.pinned ? [position] : []))).toEqual(expected)
        expect(expected.map((position) => ranked.rows[picks[position]!.index])).toEqual(pins.slice(0, expected.length))
      }),
      { numRuns: 300 },
    )
  })

  it('explores at exploration slots only, with fresh items, at one propensity per slate; all else is certain', () => {
    fc.assert(
      fc.property(things, plans, limits, offsets, (list, plan, limit, offset) => {
        const { ranked, picks } = run(list, plan, limit, { offset })
        picks.forEach((pick, position) => {
          if (!pick.explored) {
            expect(pick.propensity).toBe(1)
            return
          }
          expect(plan.explorationSlots).toContain(position + offset)
          expect(list[ranked.rows[pick.index]!]!.fresh).toBe(true)
          expect(pick.pinned).toBe(false)
        })
        const explored = picks.filter((pick) => pick.explored)
        const sizes = explored.map(({ propensity }) => 1 / propensity)
        expect(new Set(sizes).size).toBeLessThanOrEqual(1)
        if (sizes.length > 0) {
          expect(sizes[0]).toBeCloseTo(Math.round(sizes[0]!), 9)
          expect(Math.round(sizes[0]!)).toBeGreaterThanOrEqual(sizes.length)
        }
      }),
      { numRuns: 300 },
    )
  })

  it('keeps the caps, or proves that no free candidate could have kept them', () => {
    fc.assert(
      fc.property(things, plans, limits, (list, plan, limit) => {
        const { ranked, picks } = run(list, { ...plan, explorationSlots: [] }, limit)
        const rows = rowsOf(ranked, picks)
        const creatorsOf = (row: number) => (list[row]!.creator < 0 ? [] : [list[row]!.creator])
        const categoriesOf = (row: number) => [...new Set(list[row]!.categories)]
        picks.forEach((pick, position) => {
          if (pick.pinned) return
          // On the slate when this position was filled: all above, and the pins below.
          const then = rows.map((row, p) => (p < position || picks[p]!.pinned ? row : -1))
          const fits = (row: number, keysOf: (row: number) => number[], cap: number) =>
            keysOf(row).every((key) => {
              for (let start = position - 9; start <= position; start++) {
                const others = then.filter(
                  (other, p) => p >= start && p < start + 10 && other >= 0 && keysOf(other).includes(key),
                )
                if (others.length + 1 > cap) return false
              }
              return true
            })
          const level = (row: number) =>
            !fits(row, creatorsOf, plan.creatorCap) ? 2 : !fits(row, categoriesOf, plan.categoryCap) ? 1 : 0
          const free = list.flatMap((thing, row) => (!thing.barred && !then.includes(row) ? [row] : []))
          expect(level(rows[position]!)).toBe(Math.min(...free.map(level)))
        })
      }),
      { numRuns: 200 },
    )
  })

  it('keeps the caps with lots too, whichever are drawn, while the pool allows it', () => {
    const list = Array.from({ length: 80 }, (_, i) => ({
      score: 80 - i,
      creator: i % 23,
      categories: [i % 7],
      fresh: i % 3 === 0,
    }))
    for (let seed = 0; seed < 100; seed++) {
      const { ranked, picks } = run(list, { creatorCap: 2, categoryCap: 4, explorationSlots: [3, 12] }, 20, {
        seed: `${seed}`,
      })
      expect(picks.filter((pick) => pick.explored)).toHaveLength(2)
      const rows = rowsOf(ranked, picks)
      for (let start = 0; start <= 10; start++) {
        const ten = rows.slice(start, start + 10)
        for (let creator = 0; creator < 23; creator++)
          expect(ten.filter((row) => list[row]!.creator === creator).length).toBeLessThanOrEqual(2)
        for (let category = 0; category < 7; category++)
          expect(ten.filter((row) => list[row]!.categories[0] === category).length).toBeLessThanOrEqual(4)
      }
    }
  })

  it('without diversity, caps and slots, is the ranked order', () => {
    fc.assert(
      fc.property(things, limits, (list, limit) => {
        const { picks } = run(
          list.map((thing) => ({ ...thing, barred: false })),
          {},
          limit,
        )
        expect(picks.map(({ index }) => index)).toEqual(Array.from(picks.keys()))
      }),
    )
  })

  it('draws apart what is alike: the best of each kind comes before the second of any', () => {
    const kinds = [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ]
    const list = Array.from({ length: 30 }, (_, i) => ({ score: 10 - i * 0.01, content: kinds[Math.floor(i / 10)]! }))
    for (const diversity of ['dpp', 'mmr'] as const) {
      const { picks } = run(list, { diversity, diversityStrength: 0.5, diversityWindow: 10 }, 3)
      expect(picks.map(({ index }) => index)).toEqual([0, 10, 20])
    }
  })
})
