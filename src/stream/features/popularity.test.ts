import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RankHistogram } from './rank-histogram.ts'
import { smoothedMean, smoothedRate } from './rates.ts'

describe('RankHistogram', () => {
  it('ranks by half ties, as a worked example says', () => {
    const ranks = new RankHistogram()
    for (const value of [0, 0, 1, 5, 100]) ranks.add(value)
    expect([0, 1, 5, 100, 1e9].map((value) => ranks.percentile(value))).toEqual([0.2, 0.5, 0.7, 0.9, 1])
    expect(new RankHistogram().percentile(3)).toBe(0.5)
  })

  it('equals counting when values lie more than an eighth of an octave apart, through moves and removals', () => {
    const step = fc.record({ from: fc.nat(9), exponent: fc.integer({ min: -300, max: 300 }), remove: fc.boolean() })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const ranks = new RankHistogram()
        const held: number[] = []
        for (const { from, exponent, remove } of steps) {
          const place = from % (held.length + 1)
          if (place === held.length) {
            held.push(2 ** exponent)
            ranks.add(2 ** exponent)
          } else if (remove) {
            ranks.remove(held.splice(place, 1)[0] as number)
          } else {
            ranks.move(held[place] as number, 2 ** exponent)
            held[place] = 2 ** exponent
          }
        }
        expect(ranks.size).toBe(held.length)
        for (const value of held) {
          const below = held.filter((other) => other < value).length
          const same = held.filter((other) => other === value).length
          expect(ranks.percentile(value)).toBeCloseTo((below + same / 2) / held.length, 12)
        }
      }),
    )
  })
})

describe('smoothed rates', () => {
  it('is the mean of the Beta posterior', () => {
    // Beta(2, 38) prior (mean 0.05, weight 40), 3 of 10: (2 + 3) / (40 + 10).
    expect(smoothedRate(3, 10, 0.05, 40)).toBeCloseTo(0.1, 12)
    expect(smoothedRate(0, 0, 0.05, 40)).toBeCloseTo(0.05, 12)
    expect(smoothedRate(7, 0, 0.05, 40)).toBeCloseTo(9 / 47, 12)
    expect(smoothedMean(-2, 5, 0, 5)).toBeCloseTo(-0.2, 12)
  })
})
