import { expect, it } from 'vitest'
import { Random } from '../../foundation/base/index.ts'
import { ExactIndex } from './exact.ts'
import { vectorIndexSuite } from './vector-index.suite.ts'

vectorIndexSuite('exact', (dim, rows, vectors) => {
  const index = new ExactIndex(dim)
  rows.forEach((row, i) => {
    index.upsert(row, vectors.subarray(i * dim, (i + 1) * dim))
  })
  return index
})

it('grows beyond its first room and its first block', () => {
  const index = new ExactIndex(8)
  const random = new Random('grow')
  const vectors = Float32Array.from({ length: 40_000 * 8 }, () => random.normal())
  for (let row = 0; row < 40_000; row++) index.upsert(row, vectors.subarray(row * 8, row * 8 + 8))
  const query = Float32Array.of(0, 0, 1, 0, 0, 0, 0, 0)
  const [best] = index.search(query, 1).rows
  let most = 0
  for (let row = 1; row < 40_000; row++) if (vectors[row * 8 + 2] > vectors[most * 8 + 2]) most = row
  expect(best).toBe(most)
})
