import { expect, it } from 'vitest'
import { drawCases } from './cases.ts'
import { ranksByScores, type RetrievalCases, retrievalMetrics } from './index.ts'

const LAST = 0xffff_ffff
const catalogue = Uint32Array.of(2, 5, 7, 9)
const casesOf = (wanted: number[], seen: readonly number[][]): RetrievalCases => ({
  wanted: Uint32Array.from(wanted),
  users: Int32Array.from(wanted, (_, i) => i),
  request: () => ({ user: 0, at: 0, surface: 0, history: { items: [], ago: [], kinds: [], completions: [] } }),
  seen: (i) => seen[i] ?? [],
})

it('ranks among the catalogue, ties against the item, without what was seen', () => {
  const scores: Record<number, number> = { 2: 3, 5: 1, 7: 3, 9: 2 }
  const ranks = ranksByScores(casesOf([7, 9, 9, 5, 3], [[], [], [2, 2, 9], [2, 7, 9]]), catalogue, (row) => scores[row])
  expect([...ranks]).toEqual([2, 3, 2, 1, LAST])
})

it('gives the last place to an item whose score is no number: a model that broke is not perfect', () => {
  const cases = casesOf([5, 7], [[], []])
  const ranks = ranksByScores(cases, catalogue, (row) => (row === 5 ? Number.NaN : row))
  expect([...ranks]).toEqual([LAST, 2])
  expect(retrievalMetrics(cases, ranks, [])['ndcg@10']?.value).toBeCloseTo(1 / Math.log2(3) / 2, 12)
})

it('ranks among what was there when it was asked', () => {
  const scores: Record<number, number> = { 2: 3, 5: 1, 7: 3, 9: 2 }
  const cases = {
    ...casesOf([5, 5, 9], [[], [2], []]),
    there: (index: number) => (row: number) => index > 1 || row !== 7,
  }
  expect([...ranksByScores(cases, catalogue, (row) => scores[row] as number)]).toEqual([3, 2, 3])
  const drawn = drawCases(cases, 2, 'x')
  const kept = [0, 1, 2].filter((i) => [...drawn.users].includes(i))
  expect([...ranksByScores(drawn, catalogue, (row) => scores[row] as number)]).toEqual(kept.map((i) => [3, 2, 3][i]))
})
