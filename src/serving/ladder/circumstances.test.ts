import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { completeConfig, profileOf, type Quality } from '../../domain/index.ts'
import { type FeatureReader, Pipeline, type PipelineParts, type Scorer } from '../pipeline/index.ts'
import { testQuery } from '../pipeline/testing/query.ts'
import { chooseBy } from './choose.ts'

const { ladder, objective } = completeConfig()
const quality = { ...ladder.quality, popular: 0.75, cached: 0.95 }

/** What is broken, and what there is. */
interface Scene {
  /** Online features: all there, one group missing, none. */
  readonly features: 'there' | 'some' | 'none'
  readonly fine: boolean
  readonly degraded: boolean
  /** Is the coarse order the trained model's? */
  readonly coarse: boolean
  readonly ready: 'cached' | 'popular' | undefined
}
const healthy: Scene = { features: 'there', fine: true, degraded: true, coarse: true, ready: 'cached' }

const scorer = (name: string, works = true, byHand = false): Scorer => ({
  name,
  byHand,
  score(_, { rows }, out) {
    if (!works) throw new Error('down')
    rows.forEach((row, i) => void (out[i] = row))
  },
})

function reader(features: Scene['features']): FeatureReader {
  return {
    names: ['item.ctr', 'match.text'],
    groups: ['item', 'match'],
    read() {
      if (features === 'none') throw new Error('down')
      return { groups: ['item', 'match'], status: [features === 'some' ? 'missing' : 'ok', 'ok'], ages: [0, 0] }
    },
  }
}

/** One slate of such a scene: who ranked it, and the stages that were run for it. */
async function slate(scene: Scene, figures: Quality = quality) {
  const ran: string[] = []
  const noted = (one: Scorer): Scorer => ({
    ...one,
    score(query, set, out) {
      ran.push(one.name)
      return one.score(query, set, out)
    },
  })
  const parts: PipelineParts = {
    sources: { a: { name: 'a', retrieve: () => ({ rows: [1, 2, 3, 4], scores: [4, 3, 2, 1] }) } },
    filters: [],
    coarse: scorer('coarse', scene.coarse),
    coarseSimple: scorer('by hand', true, true),
    features: reader(scene.features),
    fine: noted(scorer('fine', scene.fine)),
    degraded: noted(scorer('degraded', scene.degraded)),
    simple: noted(scorer('simple', true, true)),
    reranker: {
      name: 'first',
      rerank: (_, ranked, limit) =>
        [...ranked.rows.keys()]
          .slice(0, limit)
          .map((index) => ({ index, propensity: 1, explored: false, pinned: false })),
    },
    supply: {
      give: () => ({ rows: new Uint32Array(0), rung: 'sweep' }),
      ready: () => (scene.ready ? { rows: Uint32Array.of(9, 8, 7), rung: scene.ready } : undefined),
      remember: () => undefined,
    },
    budgets: profileOf(completeConfig()),
    reserved: [],
    quality: figures,
    choose: chooseBy(objective.trade),
  }
  const query = testQuery({ limit: 3 }, { sources: { a: { limit: 4, weight: 1 } } })
  const outcome = await new Pipeline(parts).run(query)
  return { rung: outcome.rung, by: outcome.ranker?.name, ran, outcome }
}

describe('the choice by circumstance', () => {
  it.each<[string, Partial<Scene>, object]>([
    ['all is well', {}, { rung: 'full', by: 'fine', ran: ['fine'] }],
    // .95 of the coarse model's order and of the kept slate (the order stays), .79 of the degraded model without features.
    ['no features', { features: 'none' }, { rung: 'coarse', by: undefined, ran: [] }],
    ['a group of features missing', { features: 'some' }, { rung: 'coarse', by: undefined, ran: [] }],
    // The coarse order by hand is worth .40: the kept slate is next; then the degraded model; .75 of the list is less.
    ['no features, no coarse model', { features: 'none', coarse: false }, { rung: 'cached', by: undefined, ran: [] }],
    [
      '... and only a list is ready',
      { features: 'none', coarse: false, ready: 'popular' },
      { rung: 'degraded', by: 'degraded', ran: ['degraded'] },
    ],
    [
      '... and nothing is ready',
      { features: 'none', coarse: false, ready: undefined, degraded: false },
      { rung: 'coarse', by: undefined, ran: ['degraded'] },
    ],
    ['a group missing, no coarse model', { features: 'some', coarse: false, ready: undefined }, { by: 'degraded' }],
    [
      '... and no degraded model', // .78 of the fine one on what there is, against .75 of the one set by hand
      { features: 'some', coarse: false, ready: undefined, degraded: false },
      { rung: 'partial', by: 'fine', ran: ['degraded', 'fine'] },
    ],
    ['no fine ranker', { fine: false }, { rung: 'coarse', by: undefined, ran: ['fine'] }],
    ['no fine ranker, no coarse model', { fine: false, coarse: false }, { rung: 'cached', ran: ['fine'] }],
    [
      '... and nothing is ready', // with features the degraded model has .89
      { fine: false, coarse: false, ready: undefined },
      { rung: 'degraded', by: 'degraded', ran: ['fine', 'degraded'] },
    ],
    [
      '... nor a degraded model',
      { fine: false, coarse: false, ready: undefined, degraded: false },
      { rung: 'degraded', by: 'simple', ran: ['fine', 'degraded', 'simple'] },
    ],
  ])('%s', async (_, change, expected) => {
    expect(await slate({ ...healthy, ...change })).toMatchObject(expected)
  })

  it('says why a ranker was passed', async () => {
    const { outcome } = await slate({ ...healthy, features: 'none' })
    const passed = outcome.stages.find(({ stage }) => stage === 'degraded')
    expect(passed).toMatchObject({ status: 'skipped', note: 'what is there without it is worth more' })
  })

  const share = fc.integer({ min: 0, max: 100 }).map((percent) => percent / 100)
  const scenes = fc.record<Scene>({
    features: fc.constantFrom('there', 'some', 'none'),
    fine: fc.boolean(),
    degraded: fc.boolean(),
    coarse: fc.boolean(),
    ready: fc.constantFrom('cached', 'popular', undefined),
  })
  const figures = fc
    .record({
      ...{ partial: share, stale: share, degraded: share, coarse: share, cached: share, popular: share },
      withoutFeatures: fc.record({ partial: share, degraded: share }),
      byHand: fc.record({ degraded: share, coarse: share }),
    })
    .map((some): Quality => ({ ...quality, ...some }))

  it('shows the best that there is by the figures, and runs nothing that is worth less than what is there already', async () => {
    await fc.assert(
      fc.asyncProperty(scenes, figures, async (scene, q) => {
        const poor = scene.features !== 'there'
        const anything = scene.features !== 'none'
        const free = [scene.coarse ? q.coarse : Math.min(q.coarse, q.byHand.coarse), scene.ready ? q[scene.ready] : 0]
        const fine = poor ? Math.min(q.partial, q.withoutFeatures.partial) : 1
        const degraded = poor ? Math.min(q.degraded, q.withoutFeatures.degraded) : q.degraded
        const simple = Math.min(poor ? degraded : q.degraded, q.byHand.degraded)
        const worths: Record<string, number> = { fine, degraded, simple }
        const works = [
          ...(anything && scene.fine ? [fine] : []),
          ...(scene.degraded ? [degraded] : []),
          ...(anything ? [simple] : []),
        ]
        const { rung, by, ran } = await slate(scene, q)
        const shown = by ? worths[by] : rung === scene.ready ? q[rung] : free[0]
        // A coarse rank that failed makes the slate partial at best, whatever ranks it afterwards.
        const most = scene.coarse ? 1 : q.partial
        expect(Math.min(shown as number, most)).toBeCloseTo(Math.min(Math.max(...free, ...works), most), 9)
        for (const one of ran) if (one !== 'fine' || poor) expect(worths[one]).toBeGreaterThanOrEqual(Math.max(...free))
      }),
      { numRuns: 400 },
    )
  })
})
