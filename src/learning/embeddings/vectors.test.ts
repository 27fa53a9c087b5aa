import { expect, it } from 'vitest'
import { Random } from '../../foundation/base/index.ts'
import { EmbeddingTable } from './table.ts'
import { Vectors } from './vectors.ts'

it.each(['wasm', 'twin'] as const)('scores a query against all vectors or some, %s', (kernels) => {
  const random = new Random('vectors')
  const [count, dim] = [3000, 20]
  const values = Float32Array.from({ length: count * dim }, () => random.normal())
  const vectors = new Vectors(count, dim, kernels)
  vectors.set(values.subarray(0, 100 * dim))
  vectors.set(values.subarray(100 * dim), 100)
  const query = Float32Array.from({ length: dim }, () => random.normal())
  const scores = vectors.scores(query)
  for (let row = 0; row < count; row++) {
    let wanted = 0
    for (let k = 0; k < dim; k++) wanted += query[k] * values[row * dim + k]
    expect(Math.abs(scores[row] - wanted)).toBeLessThan(1e-5)
  }
  const rows = new Uint32Array([2999, 0, 7, 7])
  expect([...vectors.scores(query, rows)]).toEqual(Array.from(rows, (row) => scores[row]))
  expect(() => vectors.scores(query, new Uint32Array([3000]))).toThrow(/row 3000 of 3000/)
  expect(() => vectors.scores(query.subarray(4))).toThrow(/16 elements/)
  expect(() => vectors.set(query, 3000)).toThrow(RangeError)
})

it.each(['wasm', 'twin'] as const)('reaches the far end of 4 GiB, %s', (kernels) => {
  const [count, dim] = [240_000, 4096] // 3.9 GB of addresses, of which two pages are ever used
  const vectors = new Vectors(count, dim, kernels)
  const ones = new Float32Array(dim).fill(1)
  vectors.set(ones, count - 1)
  expect([...vectors.scores(ones, new Uint32Array([0, count - 1, 131_072]))]).toEqual([0, 4096, 0])
  expect(() => new Vectors(280_000, dim, kernels)).toThrow(/rows of this width fit/)
})

it('gives each of many tables a memory of its own', () => {
  const tables = Array.from(
    { length: 64 },
    (_, i) => new EmbeddingTable({ name: `${i}`, dim: 4, ids: 'text', seed: i }),
  )
  const firsts = tables.map((table) => table.gather(table.lookup(['a'], 0))[0])
  expect(new Set(firsts).size).toBe(64)
})
