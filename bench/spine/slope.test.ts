import { expect, it } from 'vitest'
import { slope } from './slope.ts'

it('is the slope of a line, whatever a few outliers say', () => {
  const x = Array.from({ length: 30 }, (_, i) => i / 2)
  const line = x.map((value) => 3 + 0.25 * value)
  expect(slope(x, line)).toBeCloseTo(0.25, 12)
  const hurt = line.map((value, i) => (i % 10 === 3 ? value + 1000 : value))
  expect(slope(x, hurt)).toBeCloseTo(0.25, 1)
})

it('agrees with pairs by hand: 1-2, 2-4, 1-4 over x 0, 1, 3', () => {
  // (2-1)/1 = 1, (4-2)/2 = 1, (4-1)/3 = 1; with y 1, 2, 8: 1, 3, 7/3, median 7/3.
  expect(slope([0, 1, 3], [1, 2, 8])).toBeCloseTo(7 / 3, 12)
})

it('is 0 where nothing can be said', () => {
  expect(slope([], [])).toBe(0)
  expect(slope([1], [5])).toBe(0)
  expect(slope([1, 1], [5, 9])).toBe(0)
})
