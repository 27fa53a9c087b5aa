import { expect, it } from 'vitest'
import { manualClock } from '../../foundation/base/index.ts'
import { Candidates } from './candidates.ts'
import type { Scorer } from './contracts.ts'
import { ScoreCache, type Scored } from './score-cache.ts'
import { testQuery } from './testing/query.ts'

const ranker: Scorer = { name: 'r', score: () => undefined }
const scored = (): Scored => ({ set: new Candidates([], 3), ranker, sources: [] })

function cache(entries = 2) {
  const clock = manualClock()
  const at = { versions: 'a/1' }
  return { clock, at, scores: new ScoreCache({ entries, ageMs: 100, versions: () => at.versions }, clock) }
}
const keyOf = (scores: ScoreCache, changes: Parameters<typeof testQuery>[0]) =>
  scores.keyOf(testQuery({ shared: true, ...changes })) as string

it('uses scores until they are too old, counted from when they began to be made', () => {
  const { scores, clock } = cache()
  const key = keyOf(scores, {})
  const from = clock.ticks()
  clock.advance(40)
  scores.keep(key, scored(), from)
  clock.advance(59)
  expect(scores.find(key)?.ageMs).toBe(99)
  clock.advance(1)
  expect(scores.find(key)).toBeUndefined()
  expect(scores.size).toBe(0)
})

it('asks anew when another version scores, and lets the oldest fall out', () => {
  const { scores, at, clock } = cache()
  const [first, second, third] = ['x', 'y', 'z'].map((text) => keyOf(scores, { text })) as [string, string, string]
  for (const key of [first, second, third]) scores.keep(key, scored(), clock.ticks())
  expect([first, second, third].map((key) => scores.find(key) !== undefined)).toEqual([false, true, true])
  at.versions = 'a/2'
  expect(scores.find(keyOf(scores, { text: 'z' }))).toBeUndefined()
  at.versions = 'a/1' // taken back: what was kept is right again
  expect(scores.find(keyOf(scores, { text: 'z' }))).toBeDefined()
})

it('has no key for a request of its own, nor where nothing is kept', () => {
  expect(cache().scores.keyOf(testQuery({ shared: false }))).toBeUndefined()
  expect(cache().scores.keyOf(testQuery())).toBeUndefined()
  expect(cache(0).scores.keyOf(testQuery({ shared: true }))).toBeUndefined()
})
