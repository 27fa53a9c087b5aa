import { expect, it } from 'vitest'
import { Random } from '../../foundation/base/index.ts'
import { profileArrivals, profiles } from './profile.ts'

const SECONDS = 100
const RATE = 200

/** Arrivals in each tenth of a run. */
function tenths(name: keyof typeof profiles): number[] {
  const counts = Array.from({ length: 10 }, () => 0)
  let last = 0
  for (const at of profileArrivals(new Random(name), RATE, profiles[name](SECONDS))) {
    expect(at).toBeGreaterThanOrEqual(last)
    last = at
    counts[Math.floor(at / (SECONDS * 100))]++
  }
  return counts
}

// A tenth of the run expects 2,000 arrivals at the full rate, with a deviation of 45; five are allowed.
const near = (count: number, expected: number) =>
  expect(Math.abs(count - expected)).toBeLessThan(5 * Math.sqrt(expected))

it('steady and soak keep the rate', () => {
  for (const name of ['steady', 'soak'] as const) for (const count of tenths(name)) near(count, 2000)
})

it('ramp rises in a straight line', () => {
  // The integral of 200 t / 100 s over a tenth.
  for (const [i, count] of tenths('ramp').entries()) near(count, 2000 * (i + 0.5) * 0.1)
})

it('spike is four times the rate for a fifth of the run, then the rate again', () => {
  for (const [i, count] of tenths('spike').entries()) near(count, i === 4 || i === 5 ? 8000 : 2000)
})
