import { describe, expect, it } from 'vitest'
import { manualClock } from '../../foundation/base/index.ts'
import { Candidates, completeReading, type Predictions } from '../pipeline/index.ts'
import { testQuery } from '../pipeline/testing/query.ts'
import { type Learned, rankingLadder } from './ladder.ts'

const query = testQuery()
const set = () => new Candidates(['a'], 2)

/** Scores everything alike, and says who it was. */
function model(name: string, score: number, change: Partial<Learned> = {}): Learned {
  return {
    name,
    version: '000001',
    score: (_, candidates, out) => {
      out.fill(score)
      candidates.predictions = said
    },
    ...change,
  }
}
const said: Predictions = { model: 'm', of: () => ({ click: 0.25 }), parts: () => ({ click: 2 }), take: () => said }
const broken = (name: string) =>
  model(name, 0, {
    score: () => {
      throw new Error('no memory')
    },
  })
const last = {
  name: 'bootstrap',
  score: (_: unknown, __: unknown, out: Float32Array) => void out.fill(-1),
  explain: () => ({ base: 1 }),
  click: () => 0.5,
}

async function ask(rungs: Omit<Parameters<typeof rankingLadder>[1], 'last'>, candidates = set()) {
  const ladder = rankingLadder('fine', { ...rungs, last }, manualClock(0))
  const out = new Float32Array(2)
  await ladder.score(query, candidates, out)
  const about = [ladder.explain?.(query, candidates, 0), ladder.click?.(query, candidates, 0)]
  return { score: out[0], by: candidates.scoredBy['fine'], about }
}

describe('rankingLadder', () => {
  it('lets the trained model score and speak', async () => {
    const found = await ask({ main: model('bst/000001', 7) })
    expect(found).toEqual({ score: 7, by: { by: 'bst/000001' }, about: [{ click: 2 }, 0.25] })
  })

  it('passes over a model without a live version in silence', async () => {
    const found = await ask({ main: model('bst', 7, { version: undefined }) })
    expect(found).toEqual({ score: -1, by: { by: 'bootstrap' }, about: [{ base: 1 }, 0.5] })
  })

  it('falls to the next rung when a model fails, and says why', async () => {
    const rungs = { main: broken('bst/000001'), degraded: model('degraded/000002', 3) }
    expect((await ask(rungs)).by).toEqual({ by: 'degraded/000002', instead: 'bst/000001: no memory' })
    const both = await ask({ main: broken('bst/000001'), degraded: broken('degraded/000002') })
    expect(both.score).toBe(-1)
    expect(both.by?.instead).toBe('bst/000001: no memory; degraded/000002: no memory')
    expect(both.about).toEqual([{ base: 1 }, 0.5])
  })

  it('lets the degraded model score what features are missing for', async () => {
    const candidates = set()
    candidates.reading = { ...completeReading(['item', 'user']), status: ['ok', 'missing'] }
    const rungs = { main: model('bst/000001', 7), degraded: model('degraded/000002', 3) }
    expect((await ask(rungs, candidates)).by).toEqual({ by: 'degraded/000002' })
    const whole = set()
    whole.reading = completeReading(['item', 'user'])
    expect((await ask(rungs, whole)).by).toEqual({ by: 'bst/000001' })
  })

  it('leaves alone for a while what keeps failing', async () => {
    let asked = 0
    const failing = model('bst/000001', 0, {
      score: () => {
        asked++
        throw new Error('no memory')
      },
    })
    const ladder = rankingLadder('fine', { main: failing, last }, manualClock(0))
    const candidates = set()
    for (let i = 0; i < 20; i++) await ladder.score(query, candidates, new Float32Array(2))
    expect(asked).toBe(5)
    expect(candidates.scoredBy['fine']?.instead).toContain('failed too often')
  })
})
