import { beforeAll, describe, expect, it } from 'vitest'
import { RankingScorer, type ScoreRequest } from '../../models/index.ts'
import { toyFacts, toySamples } from '../testing/toy-samples.ts'
import { distil, type RankingRun, trainRanker } from './index.ts'

const samples = toySamples('taste', 1200)
let fine: RankingRun
let teacher: RankingScorer

beforeAll(async () => {
  fine = await trainRanker({
    recipe: 'din',
    samples,
    facts: toyFacts,
    expectations: { emptyDaysMax: 100 },
    config: {
      width: 16,
      history: 8,
      denseRate: 5e-3,
      tableRate: 0.05,
      warmup: 20,
      requests: 16,
      admission: 1,
      epochs: 2,
    },
  })
  teacher = await RankingScorer.open(fine.artifact, toyFacts)
})

/** Every item as a candidate, features as if nothing were known of them. */
const requests: ScoreRequest[] = Array.from({ length: 60 }, (_, i) => {
  const { user, at, surface, history } = samples.request(i * 17)
  return {
    user,
    at,
    surface,
    history,
    candidates: Array.from({ length: 60 }, (__, k) => k),
    features: new Float32Array(120),
  }
})

describe('distil', () => {
  it('keeps what the fine ranker likes best', async () => {
    const task = { teacher, artifact: fine.artifact, facts: toyFacts, requests, top: 5, kept: 15 }
    const run = await distil({ ...task, config: { epochs: 40, denseRate: 5e-3 } })
    const untaught = await distil({ ...task, config: { epochs: 1, denseRate: 1e-9 } })
    expect(run.kept?.value).toBeGreaterThan(0.9) // by lot it would be a quarter
    expect(untaught.kept?.value).toBeLessThan(0.6)
    expect(run.cut).toBe(4)
    // The tables are the teacher's own: nothing of them was copied or changed.
    for (const [name, table] of Object.entries(run.artifact.tables))
      expect(table).toBe(fine.artifact.tables[name as 'item'])
  })

  it('judges by viewers of whom nothing was learnt, and counts them', async () => {
    const few = requests.map((request, i) => ({ ...request, user: i % 10 }))
    const run = await distil({
      teacher,
      artifact: fine.artifact,
      facts: toyFacts,
      requests: few,
      config: { epochs: 1 },
    })
    expect(run.users).toBe(2)
    expect(run.kept).toMatchObject({ value: 1, low: 1, high: 1 }) // two hundred are kept of sixty
  })

  it('wants requests to learn from', async () => {
    await expect(distil({ teacher, artifact: fine.artifact, facts: toyFacts, requests: [] })).rejects.toThrow(
      RangeError,
    )
  })
})
