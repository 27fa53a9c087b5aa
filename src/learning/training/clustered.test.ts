import { describe, expect, it } from 'vitest'
import { Random } from '../../foundation/base/index.ts'
import { auc } from '../../judging/metrics/index.ts'
import { clusteredAuc, clusteredGaps, clusteredRatio } from './clustered.ts'

describe('clusteredRatio', () => {
  it('is the standard error of a mean when every cluster counts once', () => {
    const values = [2, 4, 4, 4, 5, 5, 7, 9]
    const ones = values.map(() => 1)
    const found = clusteredRatio(values, ones)
    // mean 5, sum of squares 32, s = sqrt(32 / 7), standard error s / sqrt(8)
    expect(found?.value).toBe(5)
    expect((found?.high as number) - 5).toBeCloseTo(1.959964 * Math.sqrt(32 / 7 / 8), 10)
  })

  it('has no value without a count and no interval with one cluster', () => {
    expect(clusteredRatio([], [])).toBeNull()
    expect(clusteredRatio([3], [2])).toEqual({ value: 1.5, low: null, high: null })
  })
})

describe('clusteredGaps', () => {
  it('is the summed absolute gap of the bins, whoever brought it', () => {
    // Bins 0 and 1 of three users: the gaps are 3 - 1 = 2 and -4, of 10 in all.
    expect(clusteredGaps(Float64Array.of(3, -4, -1, 0, 0, 0), [4, 3, 3])?.value).toBeCloseTo(0.6, 12)
    expect(clusteredGaps(new Float64Array(0), [])).toBeNull()
    expect(clusteredGaps(Float64Array.of(1, -1), [4])).toEqual({ value: 0.5, low: null, high: null })
  })

  it('holds 95 times in 100 at least, of probabilities that are true and of those that are not', () => {
    const [users, each, bins] = [100, 6, 10]
    for (const off of [0, 0.05]) {
      let [held, wide] = [0, 0]
      for (let world = 0; world < 200; world++) {
        const random = new Random(`gaps ${world}`)
        const gaps = new Float64Array(users * bins)
        for (let user = 0; user < users; user++) {
          const level = 0.05 * random.normal() // impressions of one user are alike
          for (let i = 0; i < each; i++) {
            const bin = random.int(bins)
            const truth = 0.2 + 0.04 * bin
            gaps[user * bins + bin] += truth + off - (random.chance(truth + level) ? 1 : 0)
          }
        }
        const { low, high } = clusteredGaps(gaps, new Float64Array(users).fill(each)) ?? {}
        if ((low as number) <= off && off <= (high as number)) held++
        wide += ((high as number) - (low as number)) / 200
      }
      expect(held).toBeGreaterThanOrEqual(190)
      expect(wide).toBeLessThan(0.35) // it says something all the same
    }
  })
})

describe('clusteredAuc', () => {
  it('has the value of auc, ties and all', () => {
    const random = new Random('auc')
    const labels = Array.from({ length: 300 }, () => (random.chance(0.3) ? 1 : 0))
    const scores = labels.map((label) => Math.round(3 * (random.normal() + label)) / 3)
    const found = clusteredAuc(
      labels,
      scores,
      labels.map((_, i) => i % 40),
    )
    expect(found?.value).toBeCloseTo(auc(labels, scores) as number, 12)
    expect(clusteredAuc([1, 1], [0, 1], [0, 1])).toBeNull()
    expect(() => clusteredAuc([1, 0], [Number.NaN, 1], [0, 1])).toThrow(/Cannot rank score 0: it is NaN/)
  })

  it('covers the truth 95 times in 100 where impressions of one user are alike', () => {
    let covered = 0
    let naive = 0
    const truth = 0.76025 // P(N(1, 2) > 0), by the law of the differences below
    for (let world = 0; world < 200; world++) {
      const random = new Random(`coverage ${world}`)
      const labels: number[] = []
      const scores: number[] = []
      const clusters: number[] = []
      for (let user = 0; user < 60; user++) {
        const level = random.normal() * Math.SQRT1_2
        const label = random.chance(0.4) ? 1 : 0 // one class per user: the hardest case
        for (let i = 0; i < 6; i++) {
          labels.push(label)
          scores.push(label + level + random.normal() * Math.SQRT1_2)
          clusters.push(user)
        }
      }
      const found = clusteredAuc(labels, scores, clusters)
      if ((found?.low as number) <= truth && truth <= (found?.high as number)) covered++
      const alone = clusteredAuc(
        labels,
        scores,
        labels.map((_, i) => i),
      )
      if ((alone?.low as number) <= truth && truth <= (alone?.high as number)) naive++
    }
    expect(covered / 200).toBeGreaterThan(0.9)
    expect(naive / 200).toBeLessThan(0.85)
  })
})
