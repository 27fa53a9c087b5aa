import { expect, it } from 'vitest'
import { fillMasks } from './dropout.ts'

const drawn = (rate: number, seed: string, size = 100_001): Float32Array => {
  const mask = new Float32Array(size)
  fillMasks([mask], rate, seed)
  return mask
}

it('drops at the rate, keeps the mean at one, and repeats for equal seeds', () => {
  for (const rate of [0.1, 0.25, 0.5]) {
    const mask = drawn(rate, 'a')
    const zeros = mask.filter((value) => value === 0).length / mask.length
    const deviation = Math.sqrt((rate * (1 - rate)) / mask.length)
    expect(Math.abs(zeros - Math.round(rate * 256) / 256)).toBeLessThan(4 * deviation)
    expect(mask.reduce((sum, value) => sum + value, 0) / mask.length).toBeCloseTo(1, 2)
    expect(new Set(mask).size).toBe(2)
  }
  expect(drawn(0.2, 'a')).toEqual(drawn(0.2, 'a'))
  expect(drawn(0.2, 'a')).not.toEqual(drawn(0.2, 'b'))
})

it('drops nothing at rate 0 and refuses to drop all', () => {
  expect(drawn(0, 'a', 9)).toEqual(new Float32Array(9).fill(1))
  expect(() => drawn(1, 'a', 9)).toThrow(/share of 1/)
})
