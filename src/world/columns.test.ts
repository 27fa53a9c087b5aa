import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Lots } from './lots.ts'
import { PairBytes } from './pair-bytes.ts'
import { TimeQueue } from './time-queue.ts'

test('a time queue gives what a stable sort gives, with pops in between', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.boolean()), { maxLength: 200 }), (steps) => {
      const queue = new TimeQueue()
      let model: { at: number; value: number }[] = []
      for (const [value, [at, pop]] of steps.entries()) {
        queue.push(at, value)
        model.push({ at, value })
        if (!pop) continue
        model.sort((a, b) => a.at - b.at || a.value - b.value)
        expect(queue.earliest).toBe(model[0].at)
        expect(queue.pop()).toBe(model[0].value)
        model = model.slice(1)
      }
      expect(queue.size).toBe(model.length)
    }),
  )
  expect(new TimeQueue().earliest).toBe(Number.POSITIVE_INFINITY)
})

test('lots are uniform, and rows do not know each other', () => {
  const lots = new Lots('lots', 2)
  const count = 50_000
  const bins = new Uint32Array(10)
  let product = 0
  let square = 0
  for (let i = 0; i < count; i++) {
    const a = lots.next(0)
    bins[Math.floor(a * 10)]++
    product += (a - 0.5) * (lots.next(1) - 0.5)
    square += lots.normal(1) ** 2
  }
  const expected = count / 10
  const chi2 = bins.reduce((sum, seen) => sum + (seen - expected) ** 2 / expected, 0)
  expect(chi2).toBeLessThan(27.9) // 0.999 quantile, 9 degrees of freedom
  expect(Math.abs(product / count) * 12).toBeLessThan(4 / Math.sqrt(count)) // correlation of two uniforms
  expect(square / count).toBeCloseTo(1, 1)
  const alone = new Lots('lots', 2)
  const other = new Lots('lots', 2)
  for (let i = 0; i < 100; i++) other.next(1)
  expect(other.next(0)).toBe(alone.next(0))
})

test('pair bytes read through to their base and never write to it', () => {
  const base = new PairBytes()
  base.set(1, 2, 7)
  const over = new PairBytes(base)
  expect(over.get(1, 2)).toBe(7)
  over.set(1, 2, 9)
  over.set(3, 4, 1)
  expect([over.get(1, 2), over.get(3, 4)]).toEqual([9, 1])
  expect([base.get(1, 2), base.get(3, 4)]).toEqual([7, 0])
})
