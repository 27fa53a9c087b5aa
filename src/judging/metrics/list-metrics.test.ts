import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { averagePrecision, hitRate, judge, listMetrics, metricSpecs, ndcg, ndcgOf, precision } from './index.ts'
import { rankByScore, recall, recallCapped, reciprocalRank, sampledHitRate } from './index.ts'

const run = ['d1', 'd2', 'd3', 'd4', 'd5', 'd6']
const graded = judge(
  run,
  new Map([
    ['d2', 3],
    ['d3', 1],
    ['d5', 2],
    ['d9', 1],
  ]),
)
const binary = judge(run, new Set(['d2', 'd3', 'd5', 'd9']))

describe('metrics of a list', () => {
  it.each([
    [3, 0.5024905, 0.5234343, 0.5307213, 0.3888889, 0.5, 0.6666667, 0.5, 2 / 3],
    [5, 0.6098166, 0.6186276, 0.592512, 0.4416667, 0.75, 0.75, 0.5, 3 / 5],
    [10, 0.6098166, 0.6186276, 0.592512, 0.4416667, 0.75, 0.75, 0.5, 3 / 10],
  ])('give the worked example at k = %i', (k, linear, exp2, plain, ap, share, capped, rr, exact) => {
    expect(ndcg.at(graded, k)).toBeCloseTo(linear, 7)
    expect(ndcgOf({ gain: 'exp2' }).at(graded, k)).toBeCloseTo(exp2, 7)
    expect(ndcg.at(binary, k)).toBeCloseTo(plain, 6)
    expect(averagePrecision.at(graded, k)).toBeCloseTo(ap, 7)
    expect(recall.at(graded, k)).toBeCloseTo(share, 7)
    expect(recallCapped.at(graded, k)).toBeCloseTo(capped, 7)
    expect(reciprocalRank.at(graded, k)).toBeCloseTo(rr, 7)
    expect(precision.at(graded, k)).toBeCloseTo(exact, 12)
    expect(hitRate.at(graded, k)).toBe(1)
  })

  it('cut the reciprocal rank and the hit rate at k', () => {
    expect(reciprocalRank.at(graded, 1)).toBe(0)
    expect(hitRate.at(graded, 1)).toBe(0)
  })

  it('are undefined for a user who wanted nothing and 0 for an empty list', () => {
    for (const metric of Object.values(listMetrics)) {
      expect(metric.at(judge(run, new Set<string>()), 5)).toBeNull()
      expect(metric.at(judge([], new Set(['d2'])), 5)).toBe(0)
    }
  })

  it('give 1 for a perfect list and stay within their range, whatever the list', () => {
    const ids = fc.uniqueArray(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(ids, fc.array(fc.integer({ min: 0, max: 30 })), fc.integer({ min: 1, max: 25 }), (want, list, k) => {
        const wanted = new Set(want)
        for (const metric of Object.values(listMetrics)) {
          const value = metric.at(judge(list, wanted), k) as number
          expect(value).toBeGreaterThanOrEqual(0)
          expect(value).toBeLessThanOrEqual(1)
        }
        for (const metric of [ndcg, averagePrecision, recallCapped, hitRate, reciprocalRank])
          expect(metric.at(judge(want, wanted), k)).toBeCloseTo(1, 12)
      }),
    )
  })

  it('keep the first of duplicates', () => {
    expect(judge(['a', 'b', 'a', 'c'], new Set(['a', 'c'])).gains).toEqual([1, 0, 1])
  })

  it('refuse a k that is no place', () => {
    expect(() => recall.at(graded, 0)).toThrow(RangeError)
    expect(() => ndcg.at(graded, 2.5)).toThrow(RangeError)
  })

  it('each say which way is good', () => {
    for (const [name, spec] of Object.entries(metricSpecs)) {
      expect(spec.name).toBe(name)
      expect(spec.better).toMatch(/^(higher|lower)$/)
      expect(spec.say.length).toBeGreaterThan(10)
    }
    expect(metricSpecs['gini']?.better).toBe('lower')
  })
})

describe('rankByScore', () => {
  it('orders by score, then by id, whatever the order of the input', () => {
    expect(rankByScore(['b', 'c', 'a', 'd'], [1, 2, 1, 1])).toEqual(['c', 'a', 'b', 'd'])
    expect(rankByScore(['d', 'a', 'c', 'b'], [1, 1, 2, 1])).toEqual(['c', 'a', 'b', 'd'])
    expect(rankByScore([10, 9, 2], [0, 0, 0])).toEqual([2, 9, 10])
    expect(rankByScore(['x', 'y', 'x'], [1, 2, 3])).toEqual(['x', 'y'])
    expect(rankByScore(['p', 'q'], [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY])).toEqual(['q', 'p'])
    expect(() => rankByScore(['x'], [Number.NaN])).toThrow(RangeError)
  })
})

describe('a sampled hit rate', () => {
  it.each([
    [10, 1, 4],
    [100, 0.99999994, 8],
    [500, 0.97378, 3],
    [1000, 0.46566, 3],
  ])('says of true rank %i what Krichene and Rendle warn of', (rank, expected, digits) => {
    expect(sampledHitRate(rank, 10, 99, 10_000)).toBeCloseTo(expected, digits)
    const exact = hitRate.at(
      judge(
        Array.from({ length: 10_000 }, (_, i) => i + 1),
        new Set([rank]),
      ),
      10,
    )
    expect(exact).toBe(rank <= 10 ? 1 : 0)
  })
})
