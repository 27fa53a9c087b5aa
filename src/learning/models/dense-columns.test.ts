import { describe, expect, it } from 'vitest'
import { Random } from '../../foundation/base/index.ts'
import { fitColumns, Normaliser } from './dense-columns.ts'

describe('fitColumns', () => {
  it('takes mean and deviation over n, and leaves a constant column at 0', () => {
    const [a, b] = fitColumns(['a', 'b'], [Float32Array.of(1, 7, 2, 7), Float32Array.of(3, 7, 6, 7)])
    expect(a).toEqual({ name: 'a', transform: 'standard', mean: 3, deviation: Math.sqrt(3.5) })
    expect(b).toEqual({ name: 'b', transform: 'standard', mean: 7, deviation: 0 })
    const out = new Float32Array(4)
    new Normaliser([a!, b!]).apply(Float32Array.of(1, 7, 5, 1000), 2, out)
    expect([...out]).toEqual([Math.fround(-2 / Math.sqrt(3.5)), 0, Math.fround(2 / Math.sqrt(3.5)), 0])
  })

  it('takes what is skewed by its logarithm', () => {
    const random = new Random('skewed')
    const values = Float32Array.from({ length: 4000 }, () => Math.expm1(2 + 1.2 * random.normal()))
    const positive = values.map((x) => Math.max(0, x))
    const [column] = fitColumns(['views'], [positive])
    expect(column?.transform).toBe('log')
    const out = new Float32Array(2)
    new Normaliser([column!]).apply(Float32Array.of(Math.expm1(2), Math.expm1(3.2)), 2, out)
    expect(out[0]).toBeCloseTo(0, 0)
    expect((out[1] as number) - (out[0] as number)).toBeCloseTo(1, 1)
  })

  it('gives the place among the training values, ties in their middle', () => {
    const values = Float32Array.from({ length: 311 }, (_, i) => (i < 100 ? 0 : i))
    const [column] = fitColumns(['rank'], [values], { transforms: { rank: 'quantile' } })
    const out = new Float32Array(5)
    new Normaliser([column!]).apply(Float32Array.of(-5, 0, 155, 310, 9000), 5, out)
    expect(out[0]).toBe(-1)
    expect(out[1]).toBeCloseTo(-1 + 100 / 310, 1)
    expect(out[2]).toBeCloseTo(0, 1)
    expect([out[3], out[4]]).toEqual([1, 1])
  })

  it('cuts outliers off and reads what is not finite as the middle', () => {
    const [column] = fitColumns(['x'], [Float32Array.of(-1, 1)])
    const out = new Float32Array(4)
    new Normaliser([column!]).apply(Float32Array.of(1e9, -1e9, Number.NaN, Number.POSITIVE_INFINITY), 4, out)
    expect([...out]).toEqual([6, -6, 0, 6])
    const [log] = fitColumns(['x'], [Float32Array.of(1, 10)], { transforms: { x: 'log' } })
    new Normaliser([log!]).apply(Float32Array.of(Number.NaN, -3, 0, 1e30), 4, out)
    expect([out[0], out[1], out[3]]).toEqual([0, out[2], 6])
  })

  it('refuses to fit nothing, and what is not finite', () => {
    expect(() => fitColumns(['x'], [])).toThrow(/no row/)
    expect(() => fitColumns(['x', 'y'], [Float32Array.of(1, Number.NaN)])).toThrow(/"y".*NaN/)
  })

  it('fits the same on more rows than it keeps', () => {
    const random = new Random('many')
    const blocks = Array.from({ length: 60 }, () => Float32Array.from({ length: 1000 }, () => random.normal(3, 2)))
    const [column] = fitColumns(['x'], blocks)
    expect(column?.mean).toBeCloseTo(3, 1)
    expect(column?.deviation).toBeCloseTo(2, 1)
    expect(fitColumns(['x'], blocks)).toEqual([column])
  })
})
