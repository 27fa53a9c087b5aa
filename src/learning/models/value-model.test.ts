import { expect, it } from 'vitest'
import { ValueModel } from './value-model.ts'

const values = { click: 1, watch: 2, satisfaction: 1.5, report: -20, return: 0 }
const heads = ['click', 'watch', 'satisfaction', 'report', 'return']
const rows = Float32Array.from([0, 0, 0, 0, 0, 0.5, 0.25, 0.5, 0.0625, 0.9])

it('weighs the outcomes of an impression, satisfaction by the click that it needs', () => {
  const model = new ValueModel(values, heads, heads)
  // 0.5 + 2 x 0.25 + 1.5 x 0.5 x 0.5 - 20 x 0.0625
  expect(model.value(rows, 1)).toBeCloseTo(0.125, 12)
  expect(model.parts(rows, 1)).toEqual({ click: 0.5, watch: 0.5, satisfaction: 0.375, report: -1.25 })
  expect(model.value(rows, 0)).toBe(0)
})

it('lets no head speak that learned nothing', () => {
  const model = new ValueModel(values, heads, ['click', 'watch'])
  expect(model.value(rows, 1)).toBe(1)
  expect(model.parts(rows, 1)).toEqual({ click: 0.5, watch: 0.5, satisfaction: 0, report: -0 })
})

it('adds the worth of a return, of a request and so of no click', () => {
  const model = new ValueModel({ ...values, return: 4 }, heads, heads)
  expect(model.value(rows, 1)).toBeCloseTo(0.125 + 4 * 0.9, 6)
  expect(model.value(rows, 0)).toBe(0)
  const parts = model.parts(rows, 1)
  expect(parts.return).toBeCloseTo(3.6, 6)
  expect(Object.values(parts).reduce((a, b) => a + b)).toBeCloseTo(model.value(rows, 1), 12)
  expect(new ValueModel({ ...values, return: 4 }, heads, ['click']).value(rows, 1)).toBe(0.5)
})

it('reads nothing of a return that is worth nothing', () => {
  const broken = rows.slice()
  broken[9] = Number.NaN
  const model = new ValueModel(values, heads, heads)
  expect(model.value(broken, 1)).toBeCloseTo(0.125, 12)
  expect(model.parts(broken, 1)).not.toHaveProperty('return')
})
