import { describe, expect, it } from 'vitest'
import { shareOf } from './worth-share.ts'

const worths = (values: readonly number[]) => new Map(values.map((value, user) => [user, { value, ndcg: value / 2 }]))

describe('the share of a worth', () => {
  it('is of the same users: the mean of what they have now over what they had', () => {
    const share = shareOf('value', worths([0.2, 0.4, 0.6, 9]), worths([0.4, 0.4, 0.4]))
    expect(share?.value).toBeCloseTo(1, 12)
    expect(share?.low).toBeLessThan(1)
    expect(share?.high).toBeGreaterThan(1)
    const half = shareOf('ndcg', worths([0.1, 0.2, 0.3]), worths([0.2, 0.4, 0.6]))
    expect(half?.value).toBeCloseTo(0.5, 12)
  })

  it('has no spread where everybody has as much as before, whatever users differ by', () => {
    const before = worths([0.1, 0.5, 0.9])
    expect(shareOf('value', before, before)).toMatchObject({ value: 1, low: 1, high: 1 })
  })

  it('has none either where everybody has the same part of what they had', () => {
    const part = shareOf('value', worths([0.03, 0.15, 0.27]), worths([0.1, 0.5, 0.9]))
    for (const end of ['value', 'low', 'high'] as const) expect(part?.[end]).toBeCloseTo(0.3, 12)
  })

  it('is none without a user in both, and none of nothing', () => {
    expect(shareOf('value', worths([]), worths([1]))).toBeNull()
    expect(shareOf('value', worths([1]), worths([0]))).toBeNull()
  })
})
