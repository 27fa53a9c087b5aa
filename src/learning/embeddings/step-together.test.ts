import { expect, it } from 'vitest'
import { DenseVector } from './dense/vector.ts'
import { stepTogether } from './step-together.ts'
import { EmbeddingTable } from './table.ts'

function world() {
  const dense = new DenseVector(2, { name: 'tower', optimiser: { kind: 'sgd' }, rate: 1 })
  const table = new EmbeddingTable({
    name: 'items',
    dim: 4,
    ids: 'text',
    optimiser: { kind: 'sgd', rate: 1 },
    initial: { shape: 'zero', deviation: 0 },
  })
  const rows = table.lookup(['a', 'a'], 0)
  dense.gradients.set([2, 4])
  table.accumulate(rows, new Float32Array([1, 0, 0, 0, 1, 1, 0, 0])) // the sum is 2, 1, 0, 0
  return { dense, table, rows }
}

it('clips by the length of all gradients together', () => {
  const { dense, table, rows } = world()
  const { norm, scale } = stepTogether({ dense: [dense], tables: [table] }, { normMax: 1 })
  expect(norm).toBeCloseTo(5, 6) // sqrt(4 + 16 + 4 + 1)
  expect(scale).toBeCloseTo(0.2, 6)
  expect([...dense.weights]).toEqual([-0.4, -0.8].map((x) => expect.closeTo(x, 5)))
  expect([...table.gather(rows).subarray(0, 4)]).toEqual([-0.4, -0.2, 0, 0].map((x) => expect.closeTo(x, 5)))
})

it('leaves short gradients alone and takes the rates of the step', () => {
  const { dense, table, rows } = world()
  expect(stepTogether({ dense: [dense], tables: [table] }, { normMax: 6, denseRate: 0.5, tableRate: 2 }).scale).toBe(1)
  expect([...dense.weights]).toEqual([-1, -2])
  expect([...table.gather(rows).subarray(0, 2)]).toEqual([-4, -2])
})

it('moves nothing when one gradient is not finite, and names it', () => {
  const { dense, table, rows } = world()
  const bad = new Float32Array(8)
  bad[3] = Number.NaN
  table.accumulate(rows, bad)
  expect(() => stepTogether({ dense: [dense], tables: [table] })).toThrow(/"items" in step 1/)
  expect([...dense.weights]).toEqual([0, 0])
  expect(table.squares()).toBe(0)
  expect([dense.steps, table.steps]).toEqual([0, 0])
})
