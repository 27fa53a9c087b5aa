import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Random } from '../../foundation/base/index.ts'
import { Alias, Negatives, StreamingFrequency } from './index.ts'

describe('the alias table', () => {
  it('represents the weights exactly', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1000), { minLength: 1, maxLength: 40 }), (weights) => {
        const sum = weights.reduce((a, b) => a + b, 0)
        fc.pre(sum > 0)
        const table = new Alias(weights) as unknown as { keep: Float64Array; other: Uint32Array }
        const mass = new Float64Array(weights.length)
        table.keep.forEach((keep, i) => {
          mass[i]! += keep
          mass[table.other[i]!]! += 1 - keep
        })
        mass.forEach((value, i) => {
          expect(value / weights.length).toBeCloseTo(weights[i]! / sum, 10)
        })
      }),
    )
  })
  it('refuses weights that are no weights', () => {
    for (const weights of [[], [0, 0], [1, -1], [Number.NaN], [Number.POSITIVE_INFINITY]])
      expect(() => new Alias(weights)).toThrow(RangeError)
  })
})

describe('the streaming frequency', () => {
  it('follows the mean gap as published', () => {
    const frequency = new StreamingFrequency({ cells: 1024, hashes: 3, rate: 0.1, gap: 10 })
    for (const step of [8, 18, 26, 36]) frequency.seen([7, 7], step)
    expect(1 / frequency.probability(7)).toBeCloseTo(9.6742, 10)
    expect(frequency.probability(7)).toBeCloseTo(0.1033677203, 10)
    expect(frequency.probability(8)).toBe(0.1)
  })
  it('finds the rates of a skewed stream', () => {
    const random = new Random('stream')
    const truth = [0.5, 0.1, 0.02]
    const frequency = new StreamingFrequency({ gap: 50, rate: 0.01 })
    for (let step = 1; step <= 20_000; step++)
      frequency.seen(
        [0, 1, 2].filter((i) => random.chance(truth[i]!)),
        step,
      )
    truth.forEach((p, i) => {
      expect(Math.abs(frequency.probability(i) / p - 1)).toBeLessThan(0.25)
    })
  })
})

describe('negatives', () => {
  const counts = [90, 9, 0, 0, 0, 0, 0, 0, 0, 0]
  it('masks accidental hits and what is liked, never the own positive', () => {
    const { items, masked } = new Negatives(counts, { uniform: 3 }, 1).draw([0, 1, 0], {
      liked: (i, item) => i === 1 && item === 0,
    })
    expect([...items.subarray(0, 3)]).toEqual([0, 1, 0])
    expect(items.length).toBe(6)
    for (let i = 0; i < 3; i++)
      for (let c = 0; c < 6; c++) {
        const same = c !== i && items[c] === [0, 1, 0][i]
        expect(masked[i * 6 + c]).toBe(same || (i === 1 && items[c] === 0) ? 1 : 0)
      }
  })

  it('gives the log of the probability of the mixture that it draws from', () => {
    const sampler = new Negatives(counts, { inBatch: false, uniform: 5000, popular: 15_000, alpha: 0.5 }, 'mix')
    const { items, logQ, positiveLogQ } = sampler.draw([1])
    expect(positiveLogQ[0]).toBeCloseTo(sampler.logQ(1, 1), 6)
    const drawn = new Float64Array(10)
    for (const item of items) drawn[item]! += 1 / items.length
    const total = counts.reduce((sum, count) => sum + Math.sqrt(count + 1), 0)
    counts.forEach((count, item) => {
      const q = 0.25 / 10 + (0.75 * Math.sqrt(count + 1)) / total
      expect(Math.exp(sampler.logQ(item, 1))).toBeCloseTo(q, 10)
      expect(Math.abs(drawn[item]! - q)).toBeLessThan(4 * Math.sqrt(q / items.length))
      const column = items.indexOf(item)
      expect(logQ[column]).toBeCloseTo(Math.log(q), 5)
    })
  })

  it('mixes in-batch and uniform as published: (B p + B’ / N) / (B + B’)', () => {
    const sampler = new Negatives(counts, { uniform: 4 }, 0)
    const p = 91 / 109
    expect(Math.exp(sampler.logQ(0, 4))).toBeCloseTo((4 * p + 4 / 10) / 8, 12)
    expect(Math.exp(sampler.logQ(0, 4, () => 0.2))).toBeCloseTo((4 * 0.2 + 4 / 10) / 8, 12)
  })

  it('takes hard ones from near misses, is the same for equal seeds, and keeps its shape', () => {
    const draw = (seed: number) =>
      new Negatives(counts, { uniform: 2, hard: 3 }, seed).draw([0, 1], { hard: (i) => (i === 0 ? [7] : [8, 9]) })
    expect(draw(5)).toEqual(draw(5))
    expect(draw(5).items.length).toBe(7)
    for (const item of draw(5).items.subarray(4)) expect([7, 8, 9]).toContain(item)
    expect(new Negatives(counts, { hard: 3 }, 0).draw([0]).items.length).toBe(4)
  })
})
