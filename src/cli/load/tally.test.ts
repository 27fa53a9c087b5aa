import { describe, expect, it } from 'vitest'
import { Random } from '../../foundation/base/index.ts'
import { Tally } from './tally.ts'

describe('Tally', () => {
  it('agrees with sorting, to three digits', () => {
    const random = new Random('tally')
    const tally = new Tally()
    const values = Array.from({ length: 10_000 }, () => random.exponential(20))
    for (const value of values) tally.answer(value, random.chance(0.25) ? 'partial' : 'full')
    values.sort((a, b) => a - b)
    const { latencyMs, rungs, sent } = tally.report()
    expect(sent).toBe(10_000)
    for (const [name, share] of [
      ['p50', 0.5],
      ['p90', 0.9],
      ['p99', 0.99],
      ['p99.9', 0.999],
    ] as const) {
      const exact = values[Math.ceil(share * values.length) - 1]
      expect(Math.abs(latencyMs[name] / exact - 1)).toBeLessThan(0.002)
    }
    expect(latencyMs.max / values[9999]).toBeCloseTo(1, 2)
    expect(latencyMs.mean).toBeCloseTo(values.reduce((sum, value) => sum + value, 0) / 10_000, 1)
    expect(rungs['partial'] + rungs['full']).toBeCloseTo(1)
    expect(rungs['partial']).toBeCloseTo(0.25, 1)
  })

  it('counts failures with their time and code', () => {
    const tally = new Tally()
    tally.answer(1)
    tally.fail(99, 'ERR_OVERLOADED')
    tally.fail(99, 'ERR_OVERLOADED')
    tally.fail(99, 'ECONNREFUSED')
    const report = tally.report()
    expect(report).toMatchObject({ sent: 4, answered: 1, failed: 3, errors: { ECONNREFUSED: 1, ERR_OVERLOADED: 2 } })
    expect(report.latencyMs.p50).toBeGreaterThan(90)
  })

  it('is all zeros when nothing happened', () => {
    expect(new Tally().report()).toMatchObject({ sent: 0, latencyMs: { mean: 0, p50: 0, max: 0 }, rungs: {} })
  })
})
