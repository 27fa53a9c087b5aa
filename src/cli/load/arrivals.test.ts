import { describe, expect, it } from 'vitest'
import { Random } from '../../foundation/base/index.ts'
import { poissonArrivals } from './arrivals.ts'

describe('poissonArrivals', () => {
  it('comes at the rate, with exponential gaps', () => {
    const rate = 200
    const seconds = 100
    const times = [...poissonArrivals(new Random('arrivals'), rate, seconds)]
    // A Poisson count of mean 20,000 has a standard deviation of 141: five of them.
    expect(Math.abs(times.length - rate * seconds)).toBeLessThan(707)
    const gaps = times.slice(1).map((time, i) => time - times[i])
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(0)
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length
    const deviation = Math.sqrt(gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length)
    expect(deviation / mean).toBeGreaterThan(0.96) // an exponential's is 1; a metronome's is 0
    expect(deviation / mean).toBeLessThan(1.04)
    expect(times.at(-1)).toBeLessThan(seconds * 1000)
    // Dispersion of the counts per second is 1 for a Poisson process.
    const counts = Array.from({ length: seconds }, (_, s) => times.filter((t) => Math.floor(t / 1000) === s).length)
    const average = times.length / seconds
    const dispersion = counts.reduce((sum, count) => sum + (count - average) ** 2, 0) / (seconds - 1) / average
    expect(dispersion).toBeGreaterThan(0.6)
    expect(dispersion).toBeLessThan(1.5)
  })

  it('is the same for the same seed, and nothing at rate 0', () => {
    expect([...poissonArrivals(new Random('a'), 50, 2)]).toEqual([...poissonArrivals(new Random('a'), 50, 2)])
    expect([...poissonArrivals(new Random('a'), 0, 2)]).toEqual([])
  })
})
