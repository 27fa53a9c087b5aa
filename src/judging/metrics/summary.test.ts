import { describe, expect, it } from 'vitest'
import { Random } from '../../foundation/base/index.ts'
import { bootstrapMean, bootstrapMeans, pairedDifference, quantile, RankingEvaluation } from './index.ts'

describe('bootstrap', () => {
  it('covers the true mean about as often as it says', () => {
    const random = new Random('coverage')
    let covered = 0
    for (let trial = 0; trial < 300; trial++) {
      const values = Float64Array.from({ length: 80 }, () => random.exponential(2))
      const estimate = bootstrapMean(values, { resamples: 300, seed: trial })
      if (estimate && (estimate.low as number) <= 2 && (estimate.high as number) >= 2) covered++
    }
    // 95 % asked; a percentile interval of 80 skewed values holds a little less (about 93 %).
    expect(covered / 300).toBeGreaterThan(0.89)
    expect(covered / 300).toBeLessThan(0.98)
  })

  it('is about as wide as the normal interval where that is known', () => {
    const random = new Random('normal')
    const values = Float64Array.from({ length: 2000 }, () => random.normal(5, 3))
    const { low, high } = bootstrapMean(values, { resamples: 1000 }) as { low: number; high: number }
    expect(high - low).toBeCloseTo((2 * 1.96 * 3) / Math.sqrt(2000), 1)
  })

  it('gives equal bytes for equal seeds, and does not let one metric change another', () => {
    const table = Float64Array.from({ length: 300 }, (_, i) => Math.sin(i))
    const both = bootstrapMeans(table, 2, { seed: 1 })
    const first = bootstrapMean(
      table.filter((_, i) => i % 2 === 0),
      { seed: 1 },
    )
    expect(both[0]).toEqual(first)
    expect(bootstrapMeans(table, 2, { seed: 1 })).toEqual(both)
    expect(bootstrapMeans(table, 2, { seed: 2 })).not.toEqual(both)
  })

  it('leaves undefined cells out and knows nothing of nothing', () => {
    const [a, b] = bootstrapMeans(Float64Array.of(1, Number.NaN, 3, Number.NaN, Number.NaN, Number.NaN), 2)
    expect(a?.value).toBe(2)
    expect(b).toBeNull()
    expect(bootstrapMean([])).toBeNull()
    expect(bootstrapMean([4, Number.NaN])).toEqual({ value: 4, low: null, high: null }) // one user tells no spread
    expect(bootstrapMean([4, 6], { resamples: 0 })).toEqual({ value: 5, low: null, high: null })
  })

  it('tells a small steady difference that two separate intervals would hide', () => {
    const random = new Random('paired')
    const easy = Float64Array.from({ length: 400 }, () => random.next())
    const better = easy.map((value) => value + 0.01 + 0.02 * random.normal())
    const difference = pairedDifference(better, easy) as { value: number; low: number; high: number }
    expect(difference.low).toBeGreaterThan(0)
    const [mine, other] = [bootstrapMean(better), bootstrapMean(easy)]
    expect(mine?.low as number).toBeLessThan(other?.high as number)
    expect(() => pairedDifference([1], [1, 2])).toThrow(RangeError)
  })

  it('interpolates quantiles', () => {
    expect(quantile(Float64Array.of(1, 2, 3, 4), 0.5)).toBe(2.5)
    expect(quantile(Float64Array.of(1, 2, 3, 4), 1)).toBe(4)
    expect(quantile(new Float64Array(), 0.5)).toBeNull()
  })
})

describe('RankingEvaluation', () => {
  const make = () =>
    new RankingEvaluation<string>({
      catalogue: 8,
      ks: [1, 3],
      listK: 3,
      similarity: (a, b) => (a === b ? 1 : a[0] === b[0] ? 0.5 : 0),
      popularity: { consumers: (id) => (id === 'a1' ? 4 : 1), users: 8 },
    })

  it('means over users, counted by hand', () => {
    const evaluation = make()
    evaluation.add(['a1', 'a2', 'b1'], new Set(['a2'])) // rank 2
    evaluation.add(['a1', 'a1', 'b2'], new Set(['a1', 'b9'])) // rank 1, of two wanted; the second a1 is dropped
    evaluation.add(['a1', 'b1'], new Set())
    const { n, skipped, metrics } = evaluation.summary()
    expect({ n, skipped }).toEqual({ n: 2, skipped: 1 })
    expect(metrics['recall@1']?.value).toBe(0.25)
    expect(metrics['recall@3']?.value).toBe(0.75)
    expect(metrics['hr@3']?.value).toBe(1)
    expect(metrics['mrr@3']?.value).toBe(0.75)
    expect(metrics['map@3']?.value).toBe((0.5 + 0.5) / 2)
    const second = 1 / (1 + 1 / Math.log2(3))
    expect(metrics['ndcg@3']?.value).toBeCloseTo((1 / Math.log2(3) + second) / 2, 12)
    expect(metrics['ild@3']?.value).toBeCloseTo(((0.5 + 1 + 1) / 3 + 1) / 2, 12)
    expect(metrics['novelty@3']?.value).toBeCloseTo(((1 + 3 + 3) / 3 + (1 + 3) / 2) / 2, 12)
    expect(metrics['coverage@3']).toEqual({ value: 4 / 8, low: null, high: null })
    expect(metrics['gini@3']?.value).toBeCloseTo(
      (1 * (2 * 5 - 9) + 1 * (2 * 6 - 9) + (2 * 7 - 9) + 2 * 7) / (8 * 5),
      12,
    )
    expect(metrics['recall@3']?.low).toBeGreaterThanOrEqual(0.5)
    expect(metrics['recall@3']?.high).toBeLessThanOrEqual(1)
  })

  it('leaves out what it was not given and what no user defines', () => {
    const evaluation = new RankingEvaluation<number>({ catalogue: 5, ks: [5] })
    expect(evaluation.summary()).toEqual({ n: 0, skipped: 0, metrics: {} })
    evaluation.add([], new Set([1]))
    const { metrics } = evaluation.summary()
    expect(Object.keys(metrics).sort()).toEqual(['coverage@10', 'hr@5', 'map@5', 'mrr@5', 'ndcg@5', 'recall@5'])
    expect(metrics['ndcg@5']?.value).toBe(0)
  })

  it('compares two systems on the same users', () => {
    const [mine, other] = [make(), make()]
    for (let user = 0; user < 50; user++) {
      mine.add(['a1', 'b1'], new Set(['a1']))
      other.add(['b1', 'a1'], new Set(['a1']))
    }
    expect(mine.difference(other, 'mrr@3')).toEqual({ value: 0.5, low: 0.5, high: 0.5 })
    expect(() => mine.values('nonsense@3')).toThrow(RangeError)
  })
})
