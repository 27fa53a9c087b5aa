import { describe, expect, it } from 'vitest'
import { hash32 } from './hash.ts'
import { Random } from './random.ts'

const draw = (count: number, one: () => number) => Array.from({ length: count }, one)
const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
const variance = (values: number[]) => {
  const centre = mean(values)
  return mean(values.map((value) => (value - centre) ** 2))
}

describe('Random', () => {
  it('is the same for equal seeds and another for others', () => {
    const first = draw(
      5,
      (
        (random) => () =>
          random.uint32()
      )(new Random('a')),
    )
    expect(
      draw(
        5,
        (
          (random) => () =>
            random.uint32()
        )(new Random('a')),
      ),
    ).toEqual(first)
    expect(
      draw(
        5,
        (
          (random) => () =>
            random.uint32()
        )(new Random('b')),
      ),
    ).not.toEqual(first)
  })

  it('is uniform: chi-square over 100 bins of 100 000 draws stays below the 0.1 % bound', () => {
    const random = new Random('uniform')
    const bins = new Uint32Array(100)
    for (let i = 0; i < 100_000; i++) bins[random.int(100)]++
    const chi = bins.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0)
    expect(chi).toBeLessThan(148.23) // chi-square with 99 degrees of freedom, p 0.001
  })

  it('has the moments of its distributions', () => {
    const random = new Random('moments')
    const normal = draw(50_000, () => random.normal(2, 3))
    expect(mean(normal)).toBeCloseTo(2, 1)
    expect(Math.sqrt(variance(normal))).toBeCloseTo(3, 1)
    expect(mean(draw(50_000, () => random.exponential(4)))).toBeCloseTo(4, 0)
    expect(mean(draw(50_000, () => random.gamma(0.5)))).toBeCloseTo(0.5, 1)
    expect(mean(draw(50_000, () => random.gamma(7)))).toBeCloseTo(7, 0)
    const beta = draw(50_000, () => random.beta(2, 6))
    expect(mean(beta)).toBeCloseTo(0.25, 2)
    expect(variance(beta)).toBeCloseTo((2 * 6) / (8 * 8 * 9), 3)
  })

  it('shuffles every order equally often', () => {
    const random = new Random('shuffle')
    const seen = new Map<string, number>()
    for (let i = 0; i < 6000; i++) {
      const order = random.shuffle([1, 2, 3]).join('')
      seen.set(order, (seen.get(order) ?? 0) + 1)
    }
    expect(seen.size).toBe(6)
    const chi = [...seen.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0)
    expect(chi).toBeLessThan(20.52) // 5 degrees of freedom, p 0.001
  })
})

describe('hash32', () => {
  it('spreads similar ids over all buckets', () => {
    const bins = new Uint32Array(64)
    for (let i = 0; i < 64_000; i++) bins[hash32(`user-${i}`) & 63]++
    const chi = bins.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0)
    expect(chi).toBeLessThan(103.4) // 63 degrees of freedom, p 0.001
  })
})
