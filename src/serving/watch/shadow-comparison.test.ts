import { describe, expect, it } from 'vitest'
import { firstOverlap, ShadowComparison, shareAmong, spread } from './shadow-comparison.ts'

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i)

describe('the overlap of the first 20', () => {
  it('is 1 for equal orders, whatever the order within the first 20, and 0 when all of them are others', () => {
    expect(firstOverlap(upTo(50), upTo(50))).toBe(1)
    expect(firstOverlap(upTo(50), [...upTo(20).reverse(), ...upTo(50).slice(20)])).toBe(1)
    expect(firstOverlap(upTo(50), upTo(50).reverse())).toBe(0)
  })

  it('counts what both have: 30 reversed leave 10 of 20; of 7 all are first; of none nothing differs', () => {
    expect(firstOverlap(upTo(30), upTo(30).reverse())).toBe(0.5)
    expect(firstOverlap(upTo(7), upTo(7).reverse())).toBe(1)
    expect(firstOverlap([], [])).toBe(1)
  })
})

it('says the share of some that are among others: of none all', () => {
  expect(shareAmong([1, 2, 3, 4], [4, 9, 2, 2])).toBe(0.5)
  expect(shareAmong([], [1])).toBe(1)
  expect(shareAmong([1], [])).toBe(0)
})

it('takes 20 candidates evenly from the first on, or all there are', () => {
  expect(spread(40)).toEqual(upTo(20).map((i) => 2 * i))
  expect(spread(3)).toEqual([0, 1, 2])
  expect(spread(0)).toEqual([])
})

describe('a version beside the live one', () => {
  const scores = (overlap: number, ms: number, shadow: (i: number) => number) => ({
    overlap,
    clicks: { live: Float32Array.from(upTo(20), (i) => i), shadow: Float32Array.from(upTo(20), shadow) },
    ms: { live: 1, shadow: ms },
  })

  it('says the means and quantiles of its slates, and nothing before the first', () => {
    const comparison = new ShadowComparison()
    expect(comparison.figures()).toBeUndefined()
    for (let ms = 0; ms <= 100; ms++) comparison.add(scores(ms % 2, ms, (i) => i))
    expect(comparison.figures()).toMatchObject({
      slates: 101,
      overlap: 50 / 101,
      ms: { live: { p50: 1, p99: 1 }, shadow: { p50: 50, p99: 99 } },
    })
  })

  it('says what a coarse ranker keeps, and nothing of one that cuts nothing', () => {
    const [cuts, ranks] = [new ShadowComparison(), new ShadowComparison()]
    for (const kept of [1, 0.5]) cuts.add({ ...scores(1, 1, (i) => i), kept })
    ranks.add(scores(1, 1, (i) => i))
    expect(cuts.figures()?.kept).toBe(0.75)
    expect(ranks.figures()).not.toHaveProperty('kept')
  })

  it('keeps the latest 500 slates', () => {
    const comparison = new ShadowComparison()
    for (let n = 0; n < 300; n++) comparison.add(scores(0, 9, (i) => i))
    for (let n = 0; n < 500; n++) comparison.add(scores(1, 2, (i) => i))
    expect(comparison.figures()).toMatchObject({ slates: 500, overlap: 1, ms: { shadow: { p99: 2 } } })
  })

  it('tells how far the click scores lie apart: 0 for the same; by hand for those of one half', () => {
    const same = new ShadowComparison()
    const half = new ShadowComparison()
    for (let n = 0; n < 50; n++) {
      same.add(scores(1, 1, (i) => i))
      half.add(scores(1, 1, (i) => i % 10))
    }
    expect(same.figures()?.psi?.value).toBe(0)
    // Ten bins of two values: the lower five hold 0.1 against 0.2, the upper five 0.1 against none, floored at 1e-4.
    const lower = 5 * (0.2 - 0.1) * Math.log(0.2 / 0.1)
    const upper = 5 * (1e-4 - 0.1) * Math.log(1e-4 / 0.1)
    expect(half.figures()?.psi?.value).toBeCloseTo(lower + upper, 9)
  })

  it('says nothing of click scores when there are too few, or one predicts none', () => {
    const few = new ShadowComparison()
    few.add(scores(1, 1, (i) => i))
    expect(few.figures()?.psi).toBeUndefined()
    const silent = new ShadowComparison()
    for (let n = 0; n < 60; n++) silent.add(scores(1, 1, () => Number.NaN))
    expect(silent.figures()?.psi).toBeUndefined()
  })
})
