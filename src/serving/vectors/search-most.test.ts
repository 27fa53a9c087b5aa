import { expect, it } from 'vitest'
import { Random } from '../../foundation/base/index.ts'
import { ExactIndex } from './exact.ts'
import { searchMost } from './search-most.ts'
import { bruteForce, plainVectors } from './vector-index.suite.ts'

const DIM = 12
const plain = plainVectors('most', 400, DIM)
const index = new ExactIndex(DIM)
plain.rows.forEach((row, i) => {
  index.upsert(row, plain.vectors.subarray(i * DIM, (i + 1) * DIM))
})
const random = new Random('most')
const query = Float32Array.from({ length: DIM }, () => random.normal())
const best = bruteForce(plain, query, 400).map(({ row }) => row)

it.each([
  ['as few as was said', 10, 10],
  ['none', 0, 10],
  ['more than was said, so it searches again', 60, 10],
  ['more than is asked for on top', 20, 5000],
])('finds the best of what is allowed when %s are not', (_, barred, few) => {
  const gone = new Set(best.slice(0, barred))
  const found = searchMost(index, query, 50, (row) => !gone.has(row), few)
  expect([...found.rows]).toEqual(best.filter((row) => !gone.has(row)).slice(0, 50))
  expect(found.scores.length).toBe(50)
})

it('gives all there are when they are fewer than asked for', () => {
  const found = searchMost(index, query, 500, (row) => row !== best[3], 1)
  expect([...found.rows]).toEqual(best.filter((row) => row !== best[3]))
})
