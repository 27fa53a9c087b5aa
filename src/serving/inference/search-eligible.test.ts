import { expect, it } from 'vitest'
import { Random } from '../../foundation/base/index.ts'
import { emptyState, put, queryOf } from '../filters/testing/scene.ts'
import type { Filter } from '../pipeline/index.ts'
import { ExactIndex } from '../vectors/index.ts'
import { ASKED_MAX, searchEligible } from './search-eligible.ts'

const [ROWS, DIM, K] = [2000, 8, 50]

/** Searches among rows of which a filter lets those through that `passes` names; counts the searches. */
function scene(passes: (row: number) => boolean, itemOf?: (row: number) => number) {
  const random = new Random('eligible')
  const index = new ExactIndex(DIM)
  const vector = () => Float32Array.from({ length: DIM }, () => random.normal())
  const vectors = Array.from({ length: ROWS }, vector)
  for (const [row, one] of vectors.entries()) index.upsert(row, one)
  const query = vector()
  const { state } = emptyState()
  put(state, [])
  let searches = 0
  const counted = {
    search: (...asked: Parameters<ExactIndex['search']>) => {
      searches++
      return index.search(...asked)
    },
  }
  const filter: Filter = { name: 'test', policy: false, prepare: () => (row) => (passes(row) ? 0 : 1) }
  const allow = (row: number) => row % 7 !== 0
  const eligible = {
    allow,
    few: Math.ceil(ROWS / 7),
    filters: [filter],
    query: queryOf(state, undefined),
    ...(itemOf && { itemOf }),
  }
  const { rows } = searchEligible(counted, query, K, eligible)
  const dot = (row: number) => (vectors[row] as Float32Array).reduce((sum, x, d) => sum + x * query[d], 0)
  const best = (wanted: (row: number) => boolean) =>
    Array.from({ length: ROWS }, (_, row) => row)
      .filter((row) => allow(row) && wanted(row))
      .sort((a, b) => dot(b) - dot(a))
      .slice(0, K)
  return { rows: Array.from(rows), best, searches }
}

it('leaves what most of the best pass to the filters, which come after', () => {
  const { rows, best, searches } = scene((row) => row % 2 === 0)
  expect(rows).toEqual(best(() => true))
  expect(searches).toBe(1)
})

it('does not search again because the very best do not pass, such as those shown on the page before', () => {
  const shown = new Set(scene(() => true).rows.slice(0, 30))
  const { searches } = scene((row) => !shown.has(row))
  expect(searches).toBe(1)
})

it('searches for what passes where few of the best do', () => {
  const few = (row: number) => row % 100 === 1
  const { rows, best, searches } = scene(few)
  expect(rows).toEqual(best(few))
  expect(rows.length).toBeGreaterThan(15)
  expect(searches).toBe(2)
})

it('asks the filters about items, where rows of the index are others', () => {
  const { rows, best } = scene(
    (item) => item % 50 === 0,
    (row) => ROWS - row,
  )
  expect(rows).toEqual(best((row) => (ROWS - row) % 50 === 0))
})

it('gives nothing where nothing passes', () => {
  expect(scene(() => false).rows).toEqual([])
})

it('asks the filters about so many rows at most, and gives what those that passed come to', () => {
  const { state } = emptyState()
  let asked = 0
  const filter: Filter = {
    name: 'test',
    policy: false,
    prepare: () => (row) => {
      asked++
      return row > 100 && row % 1000 === 1 ? 0 : 1
    },
  }
  const index = new ExactIndex(1)
  for (let row = 0; row < ASKED_MAX + 5000; row++) index.upsert(row, Float32Array.of(1))
  const eligible = { allow: () => true, few: 0, filters: [filter], query: queryOf(state, undefined) }
  const { rows } = searchEligible(index, Float32Array.of(1), 1000, eligible)
  expect(rows.length).toBe(ASKED_MAX / 1000 - 1)
  expect(asked).toBeLessThanOrEqual(ASKED_MAX + K)
})
