import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { auc, calibrationError, gauc, logLoss } from './index.ts'

const predictions = [0.9, 0.8, 0.7, 0.3, 0.2, 0.05, 0.6, 0.45, 0.15, 0.55]
const outcomes = [1, 1, 0, 0, 0, 0, 1, 1, 0, 0]

describe('auc', () => {
  it('gives the worked example with midranks', () => {
    expect(auc([1, 0, 1, 1, 0, 0, 1, 0], [0.9, 0.8, 0.8, 0.4, 0.4, 0.2, 0.1, 0.1])).toBe(0.65625)
  })

  it('is undefined for one class', () => {
    expect(auc([1, 1], [0.1, 0.2])).toBeNull()
    expect(auc([0], [0.1])).toBeNull()
    expect(auc([], [])).toBeNull()
  })

  it('equals the share of pairs in the right order', () => {
    const sample = fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 6 })), { maxLength: 40 })
    fc.assert(
      fc.property(sample, (pairs) => {
        let right = 0
        let all = 0
        for (const [positive, high] of pairs) {
          if (!positive) continue
          for (const [other, low] of pairs) {
            if (other) continue
            all++
            right += high > low ? 1 : high === low ? 0.5 : 0
          }
        }
        const value = auc(
          pairs.map(([label]) => (label ? 1 : 0)),
          pairs.map(([, score]) => score),
        )
        if (all === 0) expect(value).toBeNull()
        else expect(value).toBeCloseTo(right / all, 12)
      }),
    )
  })

  it('refuses a NaN score and lengths that differ', () => {
    expect(() => auc([1, 0], [0.5, Number.NaN])).toThrow(RangeError)
    expect(() => auc([1, 0], [0.5])).toThrow(RangeError)
  })
})

describe('gauc', () => {
  it('gives the worked example, weighted and not, and counts one-class users', () => {
    const users = [
      { labels: [1, 0, 1], scores: [0.9, 0.2, 0.5] },
      { labels: [1, 0, 0, 0, 1, 0], scores: [0.3, 0.4, 0.1, 0.3, 0.8, 0.2] },
      { labels: [1, 1], scores: [0.3, 0.6] },
      { labels: [0, 0, 0], scores: [0.3, 0.6, 0.1] },
    ]
    expect(users.map((user) => auc(user.labels, user.scores))).toEqual([1, 0.8125, null, null])
    expect(gauc(users)).toEqual({ value: 0.875, unweighted: 0.90625, users: 2, skipped: 2 })
    expect(gauc([])).toEqual({ value: null, unweighted: null, users: 0, skipped: 0 })
  })
})

describe('logLoss', () => {
  it('gives the worked example', () => {
    const loss = logLoss(outcomes, predictions)
    expect(loss?.value).toBeCloseTo(0.4433948607, 10)
    expect(loss?.normalised).toBeCloseTo(0.6588219527, 10)
    expect(loss?.brier).toBeCloseTo(0.146, 12)
    expect(loss?.calibration).toBeCloseTo(1.175, 12)
  })

  it('stays finite where a sure prediction was wrong, and is null for nothing', () => {
    expect(logLoss([1], [0])?.value).toBeCloseTo(-Math.log(1e-15), 6)
    expect(logLoss([1], [0])?.normalised).toBeNull()
    expect(logLoss([0], [0.5])?.calibration).toBeNull()
    expect(logLoss([], [])).toBeNull()
    expect(() => logLoss([1], [1.2])).toThrow(RangeError)
  })
})

describe('calibrationError', () => {
  it('gives the worked example for bins of equal width and of equal mass', () => {
    const five = calibrationError(outcomes, predictions, { bins: 'width', count: 5 })
    expect(five?.value).toBeCloseTo(0.13, 12)
    expect(five?.max).toBeCloseTo(0.25, 12)
    const ten = calibrationError(outcomes, predictions, { bins: 'width', count: 10 })
    expect(ten?.value).toBeCloseTo(0.32, 12)
    expect(ten?.max).toBeCloseTo(0.7, 12)
    expect(calibrationError(outcomes, predictions, { bins: 'mass', count: 5 })?.value).toBeCloseTo(0.13, 12)
  })

  it('puts an edge into the bin above it and 1 into the last', () => {
    const edges = Array.from({ length: 11 }, (_, i) => i / 10)
    const bins = calibrationError(new Array(11).fill(0), edges, { bins: 'width', count: 10 })?.bins
    expect(bins?.map((bin) => bin.n)).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 1, 2])
  })

  it('is null for nothing and refuses what is no probability', () => {
    expect(calibrationError([], [])).toBeNull()
    expect(() => calibrationError([1], [Number.NaN])).toThrow(RangeError)
    expect(() => calibrationError([1], [0.5], { count: 0 })).toThrow(RangeError)
  })
})
