import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  cosine,
  coverage,
  densePopularityRanks,
  entropy,
  gini,
  intraListDiversity,
  novelty,
  serendipity,
} from './index.ts'

const exposures = [0, 0, 1, 2, 3, 4, 10]

describe('exposure over the catalogue', () => {
  it('gives the worked example', () => {
    expect(gini(exposures, 7)).toBeCloseTo(0.5714285714, 10)
    expect(gini(exposures, 7, { corrected: true })).toBeCloseTo(0.6666666667, 10)
    expect(entropy(exposures)).toBeCloseTo(1.9232196723, 10)
    expect(coverage(exposures, 7)).toBeCloseTo(0.7142857143, 10)
  })

  it('counts items that were never listed, given as zeros or left out', () => {
    expect(gini([1, 2, 3, 4, 10], 7)).toBeCloseTo(0.5714285714, 10)
    expect(coverage([1, 2, 3, 4, 10], 7)).toBeCloseTo(0.7142857143, 10)
  })

  it('equals the mean absolute difference of all pairs, whatever the exposures', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20), { minLength: 1, maxLength: 20 }), (x) => {
        const sum = x.reduce((a, b) => a + b, 0)
        if (sum === 0) {
          expect(gini(x, x.length)).toBeNull()
          return
        }
        let apart = 0
        for (const a of x) for (const b of x) apart += Math.abs(a - b)
        expect(gini(x, x.length)).toBeCloseTo(apart / (2 * x.length * sum), 10)
      }),
    )
  })

  it('knows equality, monopoly, nothing and nonsense', () => {
    expect(gini([3, 3, 3], 3)).toBeCloseTo(0, 12)
    expect(gini([5], 4, { corrected: true })).toBeCloseTo(1, 12)
    expect(gini([], 4)).toBeNull()
    expect(entropy([4, 4, 4, 4])).toBeCloseTo(2, 12)
    expect(entropy([0])).toBeNull()
    expect(coverage([], 0)).toBeNull()
    expect(() => coverage([1, 1], 1)).toThrow(RangeError)
    expect(() => gini([-1], 1)).toThrow(RangeError)
  })
})

describe('diversity, novelty and serendipity of a list', () => {
  const vectors = [
    [1, 0],
    [0.6, 0.8],
    [0, 1],
  ]
  const alike = (a: number, b: number) => cosine(vectors[a] as number[], vectors[b] as number[])

  it('give the worked examples', () => {
    expect(intraListDiversity([0, 1, 2], 3, alike)).toBeCloseTo(0.5333333333, 10)
    expect(novelty([50, 10, 1], 3, (users) => users, 100)).toBeCloseTo(3.6552614282, 10)
    expect(novelty([0], 3, (users) => users, 100)).toBeCloseTo(Math.log2(100), 10)
  })

  it('look at the first k only and are null where they mean nothing', () => {
    expect(intraListDiversity([0, 2, 1], 2, alike)).toBeCloseTo(1, 12)
    expect(intraListDiversity([0], 10, alike)).toBeNull()
    expect(intraListDiversity([], 10, alike)).toBeNull()
    expect(novelty([], 10, () => 1, 100)).toBeNull()
    expect(serendipity([], new Set(), 10, () => 1, 4)).toBeNull()
    expect(cosine([0, 0], [1, 1])).toBe(0)
  })

  it('give the serendipity of the example in the reference of RecTools', () => {
    const lists = [['i1', 'i2'], ['i2', 'i3'], ['i3'], ['i2', 'i3']]
    const wanted = [['i1', 'i2'], ['i2', 'i3'], ['i2'], ['i2']]
    const consumed = { i1: 3, i2: 2, i3: 0 } // before the test period
    const names = Object.keys(consumed)
    const ranks = densePopularityRanks(Object.values(consumed))
    expect([...ranks]).toEqual([1, 2, 0])
    const at = (k: number) =>
      lists.map((list, i) => serendipity(list, new Set(wanted[i]), k, (id) => ranks[names.indexOf(id)] ?? 0, 4))
    expect(at(1)).toEqual([0, 0.25, 0, 0.25])
    expect(at(2)).toEqual([0, 0.5, 0, 0.125])
    expect(densePopularityRanks([0, 7, 7, 2])).toEqual(Uint32Array.of(0, 1, 1, 2))
  })
})
