import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Deadline, systemClock } from '../../foundation/base/index.ts'
import { completeConfig, profileOf } from '../../domain/index.ts'
import { Pipeline } from '../pipeline/index.ts'
import { inStore } from './online.ts'
import { ground, NOW, rowsOf } from './testing/ground.ts'
import { memoryStore, type ValueStore } from './value-store.ts'

const later = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

interface Weather {
  readonly userMs: number
  readonly itemMs: number
  readonly sourceMs: number
  readonly deadlineMs?: number
}

/** A store in which users lie far away and items near, and a source as slow as the users. Milliseconds of a made-up clock. */
async function slow({ userMs, itemMs, sourceMs, deadlineMs = 1000 }: Weather) {
  const inner = memoryStore()
  const weather = { down: false }
  const asked: number[] = []
  const store: ValueStore = {
    ...inner,
    async get(keys) {
      asked.push(keys.length)
      await later(keys.some((key) => key.includes(':user:')) ? userMs : itemMs)
      if (weather.down) throw new Error('connection refused')
      return inner.get(keys)
    },
  }
  const config = { ...completeConfig().features, deadlineMs }
  const made = ground(inStore(store, config, systemClock, () => undefined))
  made.online.start()
  await vi.advanceTimersByTimeAsync(1)
  await made.online.stop()
  const pipeline = new Pipeline({
    sources: {
      far: {
        name: 'far',
        retrieve: async () => {
          await later(sourceMs)
          return { rows: rowsOf(20), scores: rowsOf(20).map((_, i) => 20 - i) }
        },
      },
    },
    filters: [],
    coarse: { name: 'coarse', score: (_, set, out) => out.set(set.retrievalScores) },
    features: made.online.reader,
    fine: { name: 'fine', score: (_, set, out) => out.set(set.coarseScores) },
    reranker: { name: 'first', rerank: () => [{ index: 0, propensity: 1, explored: false, pinned: false }] },
    supply: {
      give: () => ({ rows: new Uint32Array(0), rung: 'sweep' }),
      ready: () => undefined,
      remember: () => undefined,
    },
    reserved: [],
    budgets: { ...profileOf(completeConfig()), budgetMs: 1000, retrievalMs: 400, featuresMs: 400 },
  })
  const run = async () => {
    const query = made.queryOf(3)
    const plan = { ...query.plan, budgetMs: 1000, sources: { far: { limit: 20, weight: 1 } } }
    const began = performance.now()
    asked.length = 0
    const running = pipeline.run({ ...query, plan, deadline: new Deadline(systemClock, 1000) })
    const ended = running.then((outcome) => ({ ...outcome, ms: performance.now() - began }))
    await vi.advanceTimersByTimeAsync(1000)
    const { stages, ranked, ...outcome } = await ended
    const wanted = new Float32Array(ranked.features.length)
    made.features.read({ ...query, user: query.viewer.row, ...placeOf(query.viewer) }, ranked.rows, wanted)
    return { ...outcome, ranked, wanted, asked, stage: (name: string) => stages.find(({ stage }) => stage === name) }
  }
  return { run, weather }
}

const placeOf = ({ country, language }: { country: number; language: number }) => ({ country, language })

describe('what depends on the viewer alone', () => {
  beforeEach(
    () =>
      void vi.useFakeTimers({
        now: NOW,
        toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate', 'Date', 'performance'],
      }),
  )
  afterEach(() => void vi.useRealTimers())

  it('is fetched beside retrieval: the whole takes the longer of the two, not their sum', async () => {
    const { run } = await slow({ userMs: 60, itemMs: 5, sourceMs: 60 })
    const { ms, rung, stage, asked } = await run()
    expect(ms).toBe(65) // 60 beside 60, then the items
    expect(rung).toBe('full')
    expect(asked).toEqual([1, 20])
    expect(stage('viewer')).toMatchObject({ status: 'ok', at: 0, ms: 60 })
    expect(stage('retrieve')).toMatchObject({ status: 'ok', at: 0, ms: 60 })
    expect(stage('features')).toMatchObject({ status: 'ok', at: 60, ms: 5 })
  })

  it('is waited for by the features when it takes longer than retrieval', async () => {
    const { run } = await slow({ userMs: 90, itemMs: 5, sourceMs: 60 })
    const { ms, stage, ranked, wanted } = await run()
    expect(ms).toBe(90)
    expect(stage('features')).toMatchObject({ status: 'ok', at: 60, ms: 30 })
    expect(ranked.features).toEqual(wanted)
  })

  it('says that it failed, and what was kept answers', async () => {
    const { run, weather } = await slow({ userMs: 10, itemMs: 5, sourceMs: 60 })
    await run()
    weather.down = true
    const { rung, stage } = await run()
    expect(stage('viewer')).toMatchObject({ status: 'failed', note: 'connection refused' })
    expect(stage('features')).toMatchObject({ status: 'ok', note: expect.stringContaining('stale') })
    expect(rung).toBe('stale')
  })

  it('leaves the probe of a store that was down to those who read everything, and is back once it is well', async () => {
    const { run, weather } = await slow({ userMs: 20, itemMs: 5, sourceMs: 2 })
    weather.down = true
    for (let i = 0; i < 5; i++) await run()
    weather.down = false
    const rungs: string[] = []
    for (let i = 0; i < 8; i++) {
      await vi.advanceTimersByTimeAsync(5000)
      const { rung, stage } = await run()
      rungs.push(`${rung}${stage('viewer') ? ', beside' : ''}`)
    }
    expect(rungs.at(0)).toBe('full') // one batch for all, as a probe
    expect(rungs.at(-1)).toBe('full, beside')
  })

  it('is not held against the store when retrieval kept this process from hearing it', async () => {
    const { run } = await slow({ userMs: 60, itemMs: 5, sourceMs: 60, deadlineMs: 10 })
    for (let i = 0; i < 20; i++) expect((await run()).rung).toBe('full')
  })
})
