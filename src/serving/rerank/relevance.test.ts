import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { relevanceOf } from './relevance.ts'

describe('relevanceOf', () => {
  it('gives 1 to the best and one half to the median', () => {
    expect([...relevanceOf([9, 7, 5, 3, 1])]).toEqual([1, 2 / 3, 0.5, 0.4, 1 / 3])
  })

  it('is not squeezed by an outlier at the bottom', () => {
    expect(relevanceOf([9, 7, 5, 3, -1e6])[1]).toBeCloseTo(2 / 3, 12)
  })

  it('tells the rest apart when most tie with the best', () => {
    const relevance = relevanceOf([5, 5, 5, 4, 3])
    expect([...relevance.subarray(0, 3)]).toEqual([1, 1, 1])
    expect(relevance[3]).toBeGreaterThan(relevance[4]!)
  })

  it('copes with one, none, all tied and no number', () => {
    expect([...relevanceOf([])]).toEqual([])
    expect([...relevanceOf([-3])]).toEqual([1])
    expect([...relevanceOf([2, 2, 2])]).toEqual([1, 1, 1])
    expect([...relevanceOf([2, 1, Number.NEGATIVE_INFINITY, Number.NaN])]).toEqual([1, 0.5, 1e-6, 1e-6])
    expect([...relevanceOf([Number.NaN, Number.NaN])]).toEqual([1e-6, 1e-6])
  })

  it('lies in (0, 1], keeps the order, and forgets the scale', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1 }), (numbers) => {
        const scores = numbers.sort((a, b) => b - a)
        const relevance = relevanceOf(scores)
        const scaled = relevanceOf(scores.map((score) => 8 * score + 3))
        relevance.forEach((value, i) => {
          expect(value).toBeGreaterThan(0)
          expect(value).toBeLessThanOrEqual(i === 0 ? 1 : relevance[i - 1]!)
          expect(scaled[i]).toBeCloseTo(value, 12)
        })
      }),
    )
  })
})
