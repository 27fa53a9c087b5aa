import { describe, expect, it } from 'vitest'
import { capacity } from './capacity.ts'
import { cutPlan, type Lever } from './cut.ts'
import { presets } from './presets.ts'

describe('a cut', () => {
  const degraded = { loadShare: 1, costShare: 0.05 }
  const levers: Lever[] = [
    { name: 'ranked', costShare: 0.5, now: 200, least: 120, unit: 'candidates' },
    { name: 'retrieved', costShare: 0.3, now: 1000, least: 500, unit: 'candidates' },
  ]

  it('takes candidates first: a tenth of the machines is 160 of 200 where they make half the cost', () => {
    const { steps, missing, reserve } = cutPlan({ cut: 0.1, levers, degraded })
    expect(steps).toEqual([{ name: 'ranked', from: 200, to: 160, unit: 'candidates', saves: expect.closeTo(0.1, 12) }])
    expect(missing).toBe(0)
    expect(reserve).toBe(0.05)
  })

  it('goes on to the next lever at the least of the first, and says what is missing', () => {
    const { steps, missing, saved } = cutPlan({ cut: 0.5, levers, degraded })
    expect(steps.map(({ name, to }) => [name, to])).toEqual([
      ['ranked', 120],
      ['retrieved', 500],
    ])
    expect(saved).toBeCloseTo(0.2 + 0.15, 12)
    expect(missing).toBeCloseTo(0.15, 12)
  })

  it('is 180 candidates where all cost is theirs, as the calculator has it', () => {
    const all = [{ name: 'ranked', costShare: 1, now: 200, least: 120, unit: 'candidates' }]
    expect(cutPlan({ cut: 0.1, levers: all, degraded }).steps[0]?.to).toBe(180)
    expect(capacity({ ...presets.steady, candidates: 180 }).gpus).toBe(0.9 * capacity(presets.steady).gpus)
  })

  it('always reaches what it can and never goes below the least', () => {
    for (let cut = 0; cut < 1; cut += 0.01) {
      const plan = cutPlan({ cut, levers, degraded })
      expect(plan.saved + plan.missing).toBeGreaterThanOrEqual(cut - 1e-9)
      for (const { name, to } of plan.steps)
        expect(to).toBeGreaterThanOrEqual(levers.find((l) => l.name === name)!.least)
    }
  })
})
