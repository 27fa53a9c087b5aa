import { describe, expect, it } from 'vitest'
import { defaultSpike, spikePlan } from './spike.ts'

describe('a known spike', () => {
  it('is met in waves, the last one warm half an hour before', () => {
    // 100 machines, four times the load with three quarters of the candidates: 300. Waves of half: 150, 225, 300.
    const { machinesAtPeak, steps, shortBy } = spikePlan({ machines: 100, ...defaultSpike })
    expect(machinesAtPeak).toBe(300)
    expect(steps.slice(0, 3).map(({ atMinutes, machines }) => [atMinutes, machines])).toEqual([
      [315, 150],
      [320, 225],
      [325, 300],
    ])
    expect(steps.at(-1)).toMatchObject({ atMinutes: 510, machines: 100 })
    expect(shortBy).toBe(0)
  })

  it('says how many machines are missing when it comes too soon', () => {
    const { shortBy } = spikePlan({ machines: 100, ...defaultSpike, inMinutes: 10 }) // two waves fit: 225
    expect(shortBy).toBe(75)
    expect(spikePlan({ machines: 100, ...defaultSpike, inMinutes: 0 }).shortBy).toBe(200)
  })

  it('gains nothing from fewer candidates where they cost nothing', () => {
    expect(spikePlan({ machines: 100, ...defaultSpike, candidateCostShare: 0 }).machinesAtPeak).toBe(400)
  })

  it('orders nothing for a spike that is none', () => {
    const plan = spikePlan({ machines: 10, ...defaultSpike, factor: 1, candidateShare: 1 })
    expect(plan.machinesAtPeak).toBe(10)
    expect(plan.shortBy).toBe(0)
  })

  it.each([
    ['machines', 0],
    ['waveShare', 0],
    ['candidateShare', 1.5],
    ['factor', Number.NaN],
  ])('refuses %s %s', (name, value) => {
    expect(() => spikePlan({ machines: 10, ...defaultSpike, [name]: value })).toThrow(RangeError)
  })
})
