import { describe, expect, it } from 'vitest'
import { Candidates } from '../pipeline/index.ts'
import { testQuery } from '../pipeline/testing/query.ts'
import { type Learned, liveOr } from './live-or.ts'

const query = testQuery()
const set = new Candidates(['a'], 2)
const simple = {
  name: 'bootstrap',
  byHand: true,
  score: (_: unknown, __: unknown, out: Float32Array) => void out.fill(-1),
  explain: () => ({ base: 1 }),
  click: () => 0.5,
}

describe('liveOr', () => {
  it('lets the trained model score while a version is live, and the one set by hand otherwise', async () => {
    const learned: { version: string | undefined } & Learned = {
      name: 'bst/000001',
      version: '000001',
      score: (_, __, out) => void out.fill(7),
    }
    const scorer = liveOr(learned, simple)
    const out = new Float32Array(2)
    await scorer.score(query, set, out)
    expect([scorer.name, out[0], scorer.byHand]).toEqual(['bst/000001', 7, false])
    learned.version = undefined
    await scorer.score(query, set, out)
    expect([scorer.name, out[0], scorer.byHand]).toEqual(['bootstrap', -1, true])
    expect([scorer.explain?.(query, set, 0), scorer.click?.(query, set, 0)]).toEqual([{ base: 1 }, 0.5])
  })
})
