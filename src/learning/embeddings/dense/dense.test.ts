import { describe, expect, it } from 'vitest'
import { Random } from '../../../foundation/base/index.ts'
import type { DenseOptimiser } from './optimiser.ts'
import { schedule } from './schedule.ts'
import { DenseVector } from './vector.ts'

/** Steps in float64, straight from the documentation of torch.optim. */
const references: Record<string, [DenseOptimiser, (w: number, gradients: number[], rate: number) => number]> = {
  'SGD with momentum': [
    { kind: 'sgd', momentum: 0.9 },
    (w, gradients, rate) => {
      let v = 0
      for (const g of gradients) w -= rate * (v = 0.9 * v + g)
      return w
    },
  ],
  Adagrad: [
    { kind: 'adagrad', accumulator: 0.1 },
    (w, gradients, rate) => {
      let a = 0.1
      for (const g of gradients) {
        a += g * g
        w -= (rate * g) / (Math.sqrt(a) + 1e-10)
      }
      return w
    },
  ],
  AdamW: [
    { kind: 'adam', weightDecay: 0.01 },
    (w, gradients, rate) => {
      let m = 0
      let v = 0
      gradients.forEach((g, i) => {
        w *= 1 - rate * 0.01
        m = 0.9 * m + 0.1 * g
        v = 0.999 * v + 0.001 * g * g
        const mean = m / (1 - 0.9 ** (i + 1))
        const square = v / (1 - 0.999 ** (i + 1))
        w -= (rate * mean) / (Math.sqrt(square) + 1e-8)
      })
      return w
    },
  ],
}

describe.each(['wasm', 'twin'] as const)('a dense vector, %s', (kernels) => {
  it.each(Object.entries(references))('steps like %s of PyTorch over 60 steps', (_, [optimiser, reference]) => {
    const size = 13
    const vector = new DenseVector(size, { optimiser, kernels })
    const random = new Random('dense')
    const start = Array.from({ length: size }, () => random.normal())
    const gradients = Array.from({ length: 60 }, () => Array.from({ length: size }, () => random.normal(0.3)))
    vector.weights.set(start)
    for (const g of gradients) {
      vector.gradients.set(g)
      vector.step({ rate: 0.05 })
    }
    for (let i = 0; i < size; i++) {
      const wanted = reference(
        Math.fround(start[i]),
        gradients.map((g) => Math.fround(g[i])),
        0.05,
      )
      expect(vector.weights[i]).toBeCloseTo(wanted, 5)
    }
  })

  it('makes the two steps worked out by hand for Adam', () => {
    // g = 1 then 0.5 at rate 0.1. Step 1: m^ = 1, v^ = 1, w = 1 - 0.1 = 0.9.
    // Step 2: m = 0.14, m^ = 0.14 / 0.19; v = 0.001249, v^ = 0.001249 / 0.001999; w = 0.9 - 0.1 x 0.736842 / 0.790453.
    const vector = new DenseVector(1, { rate: 0.1, kernels })
    vector.weights[0] = 1
    vector.gradients[0] = 1
    vector.step()
    expect(vector.weights[0]).toBeCloseTo(0.9, 6)
    vector.gradients[0] = 0.5
    vector.step()
    expect(vector.weights[0]).toBeCloseTo(0.806782, 5)
  })

  it('keeps 1 - beta2 to the last bit of float32', () => {
    const vector = new DenseVector(1, { kernels })
    vector.gradients[0] = 1
    vector.step()
    expect(vector.state[1][0]).toBe(Math.fround(1 - 0.999))
    expect(vector.state[1][0]).not.toBe(Math.fround(1 - Math.fround(0.999)))
  })

  it('shrinks only the parts that are to decay', () => {
    const decayed = [
      [1, 11],
      [13, 14],
    ] as const
    const vector = new DenseVector(15, { optimiser: { kind: 'adam', weightDecay: 0.5 }, decayed, kernels })
    vector.weights.fill(2)
    vector.step({ rate: 0.1 })
    const within = (i: number) => decayed.some(([from, to]) => i >= from && i < to)
    expect([...vector.weights]).toEqual(Array.from({ length: 15 }, (_, i) => Math.fround(within(i) ? 1.9 : 2)))
  })
})

it('refuses gradients that are not finite, by name and step, and changes nothing', () => {
  const vector = new DenseVector(6, { name: 'tower' })
  vector.gradients.fill(1)
  vector.step()
  const before = vector.weights.slice()
  vector.gradients[5] = Number.NaN
  expect(() => vector.step()).toThrow(/"tower" in step 2: a gradient is NaN or infinite/)
  expect(vector.weights).toEqual(before)
  expect(vector.steps).toBe(1)
})

it('refuses settings out of range', () => {
  expect(() => new DenseVector(0)).toThrow(RangeError)
  expect(() => new DenseVector(4, { optimiser: { kind: 'adam', epsilon: 0 } })).toThrow(/epsilon 0/)
  expect(() => new DenseVector(4, { optimiser: { kind: 'sgd', weightDecay: -1 } })).toThrow(/weight decay -1/)
  expect(() => schedule({ kind: 'linear', rate: 1, warmup: 5, steps: 5 })).toThrow(/more steps than warm-up/)
})

describe('a schedule', () => {
  it('warms up in a line and falls along half a cosine', () => {
    const rate = schedule({ kind: 'cosine', rate: 1, warmup: 10, steps: 110, last: 0.1 })
    expect([1, 5, 10, 60, 110, 500].map(rate)).toEqual([0.1, 0.5, 1, 0.55, 0.1, 0.1].map((x) => expect.closeTo(x, 12)))
    expect(rate(35)).toBeCloseTo(0.1 + 0.9 * ((1 + Math.SQRT1_2) / 2), 12)
  })

  it('falls in a line, or stays', () => {
    const rate = schedule({ kind: 'linear', rate: 2, steps: 4 })
    expect([1, 2, 4, 9].map(rate)).toEqual([1.5, 1, 0, 0])
    expect(schedule({ kind: 'constant', rate: 3 })(7)).toBe(3)
  })
})
