import { describe, expect, it } from 'vitest'
import { Deadline, manualClock } from '../../foundation/base/index.ts'
import { completeConfig, profileOf, reasonCode } from '../../domain/index.ts'
import type { FeatureReader, Filter, Retrieved, Scorer, Source, Supply } from './contracts.ts'
import type { FeatureStatus } from './feature-reading.ts'
import type { PipelineParts } from './parts.ts'
import { Pipeline } from './runner.ts'
import { testQuery } from './testing/query.ts'

const list = (...rows: number[]): Retrieved => ({ rows, scores: rows.map((_, i) => 1 / (i + 1)) })
const source = (name: string, give: Source['retrieve']): Source => ({ name, retrieve: give })
const refuse = (name: string, rows: number[], reason: 'seen' | 'hidden', policy = false): Filter => ({
  name,
  policy,
  prepare: () => (row) => (rows.includes(row) ? reasonCode(reason) : 0),
})

/** Two columns, the row itself and nothing; `status` says how the first one came. */
function rowReader(status: FeatureStatus = 'ok', age = 0, other: FeatureStatus = 'ok'): FeatureReader {
  return {
    names: ['row.id', 'other.zero'],
    groups: ['row', 'other'],
    read(_, rows, out) {
      if (status !== 'missing') rows.forEach((row, i) => void (out[2 * i] = row))
      return { groups: ['row', 'other'], status: [status, other], ages: [age, 0] }
    },
  }
}

/** Gives these rows when too few are left. */
function supplyOf(...rows: number[]): Supply {
  return {
    give: () => ({ rows: Uint32Array.from(rows), rung: 'sweep' }),
    ready: () => undefined,
    remember: () => undefined,
  }
}

/** Fine score: the row itself, so that the order shows who scored. */
function pipeline(changes: Partial<PipelineParts> = {}) {
  return new Pipeline({
    sources: { a: source('a', () => list(1, 2, 3, 4)), b: source('b', () => list(4, 5)) },
    filters: [],
    coarse: { name: 'coarse', score: (_, set, out) => out.set(set.retrievalScores) },
    features: rowReader(),
    fine: {
      name: 'fine',
      score: (_, set, out) => set.rows.forEach((_, i) => void (out[i] = set.features[2 * i] as number)),
    },
    reranker: {
      name: 'first',
      rerank: (_, ranked, limit, policy) =>
        [...ranked.rows.keys()]
          .filter((index) => policy(ranked.rows[index] as number) === 0)
          .slice(0, limit)
          .map((index) => ({ index, propensity: 1, explored: false, pinned: false })),
    },
    supply: supplyOf(),
    budgets: profileOf(completeConfig()),
    reserved: [],
    ...changes,
  })
}
const plan = { sources: { a: { limit: 10, weight: 1 }, b: { limit: 10, weight: 1 } } }

async function run(parts: Partial<PipelineParts> = {}, query = testQuery({ limit: 3 }, plan)) {
  const outcome = await pipeline(parts).run(query)
  return { ...outcome, shown: outcome.picks.map((pick) => outcome.ranked.rows[pick.index]) }
}

describe('Pipeline', () => {
  it('counts a source that has become empty as failed, with the reason, and asks it on', async () => {
    let empty = false
    const parts = pipeline({
      sources: { a: source('a', () => list(1, 2, 3, 4)), b: source('b', () => (empty ? list() : list(4, 5))) },
    })
    const once = () => parts.run(testQuery({ limit: 3 }, plan))
    for (let i = 0; i < 70; i++) expect((await once()).rung).toBe('full')
    empty = true
    for (let i = 0; i < 7; i++) expect((await once()).rung).toBe('full')
    const { rung, sources } = await once()
    expect(rung).toBe('partial')
    expect(sources[1]).toMatchObject({ status: 'failed', note: expect.stringContaining('may be empty') })
    empty = false
    expect((await once()).rung).toBe('full')
  })

  it('shows what is ready where that is worth more than the order it came to, and says so', async () => {
    const quality = { ...completeConfig().ladder.quality, coarse: 0.6, degraded: 0.95, popular: 0.85 }
    const supply: Supply = { ...supplyOf(), ready: () => ({ rows: Uint32Array.of(8, 7, 6, 9), rung: 'popular' }) }
    const down = () => {
      throw new Error('down')
    }
    const fails = { ...rowReader(), read: down }
    const shown = async (changes: Partial<PipelineParts>) => {
      const { shown, rung, ranker, stages } = await run({ supply, quality, ...changes })
      return { shown, rung, by: ranker?.name, last: stages.at(-2)?.note }
    }
    expect(await shown({ features: fails })).toEqual({
      ...{ shown: [8, 7, 6], rung: 'popular', by: undefined },
      last: 'worth more than coarse',
    })
    expect(await shown({ features: fails, quality: { ...quality, coarse: 0.9 } })).toMatchObject({ rung: 'coarse' })
    expect(await shown({ features: fails, supply: supplyOf() })).toMatchObject({ rung: 'coarse' })
    expect(await shown({})).toMatchObject({ shown: [5, 4, 3], rung: 'full', by: 'fine' })
    const simple = { name: 'simple', score: () => undefined }
    expect(await shown({ fine: { name: 'fine', score: down }, simple })).toMatchObject({ rung: 'degraded' })
  })

  it('takes a request through every stage and reports each with its counts', async () => {
    const { shown, stages, rung, more } = await run()
    expect(shown).toEqual([5, 4, 3])
    expect(rung).toBe('full')
    expect(more).toBe(true)
    expect(stages.map(({ stage, status, in: before, out }) => [stage, status, before, out])).toEqual([
      ['retrieve', 'ok', 6, 5],
      ['filter', 'ok', 5, 5],
      ['coarse', 'ok', 5, 5],
      ['features', 'ok', 5, 5],
      ['fine', 'ok', 5, 5],
      ['rerank', 'ok', 5, 3],
    ])
  })

  it('hands what the coarse rank read of the features to who reads them all, of those that passed', async () => {
    const known: unknown[] = []
    const coarse: Scorer = {
      name: 'coarse',
      score(_, set, out) {
        set.rows.forEach((row, i) => void (out[i] = row % 4)) // 3, 2, 5, 1, 4
        set.known = {
          names: ['row.id', 'row.twice'],
          values: Float32Array.from([...set.rows].flatMap((row) => [row, 2 * row])),
        }
      },
    }
    const reader = rowReader()
    const features: FeatureReader = {
      ...reader,
      read(query, rows, out, deadline, given) {
        known.push(given)
        return reader.read(query, rows, out, deadline)
      },
    }
    const { ranked } = await run({ coarse, features }, testQuery({ limit: 3 }, { ...plan, rank: 3 }))
    expect(known).toEqual([{ names: ['row.id', 'row.twice'], values: Float32Array.of(3, 6, 2, 4, 1, 2) }])
    expect(ranked.known).toBeUndefined()
  })

  it('serves without a source that fails, and says which one and why', async () => {
    const broken = source('a', () => {
      throw new Error('index is gone')
    })
    const { shown, rung, sources, stages } = await run({ sources: { a: broken, b: source('b', () => list(4, 5)) } })
    expect(shown).toEqual([5, 4])
    expect(rung).toBe('partial')
    expect(sources[0]).toMatchObject({ name: 'a', status: 'failed', count: 0, note: 'index is gone' })
    expect(stages[0]).toMatchObject({ status: 'late', note: 'a: index is gone' })
  })

  it('leaves a source alone that keeps failing, and asks it again later', async () => {
    const clock = manualClock()
    let asked = 0
    const broken = source('a', () => {
      asked++
      throw new Error('down')
    })
    const line = pipeline({ clock, sources: { a: broken, b: source('b', () => list(5)) } })
    const ask = () => line.run(testQuery({ limit: 1, deadline: new Deadline(clock, 100) }, plan))
    for (let i = 0; i < 20; i++) await ask()
    expect(asked).toBe(5) // the breaker needs five calls to open
    expect((await ask()).sources[0]).toMatchObject({ status: 'skipped', note: 'it failed too often a moment ago' })
    clock.advance(1000)
    await ask()
    expect(asked).toBe(6)
  })

  it('does not wait for a source beyond its budget', async () => {
    const never = source('a', () => new Promise<Retrieved>(() => undefined))
    const query = testQuery({ limit: 3 }, { sources: { ...plan.sources, a: { limit: 10, weight: 1, budgetMs: 5 } } })
    const { shown, rung, sources } = await run({ sources: { a: never, b: source('b', () => list(4, 5)) } }, query)
    expect(shown).toEqual([5, 4])
    expect(rung).toBe('partial')
    expect(sources[0]).toMatchObject({ status: 'late', count: 0, note: 'no answer in time' })
  })

  it('takes the answer of a source that was ready, though others held the thread until the time was up', async () => {
    const ready = source('a', () => new Promise<Retrieved>((resolve) => setImmediate(() => resolve(list(1)))))
    const blocking = source('b', () => {
      for (const start = performance.now(); performance.now() - start < 30; );
      return list(5)
    })
    const query = testQuery({ limit: 3 }, { sources: { ...plan.sources, a: { limit: 10, weight: 1, budgetMs: 5 } } })
    const { sources } = await run({ sources: { a: ready, b: blocking } }, query)
    expect(sources[0]).toMatchObject({ name: 'a', count: 1 })
  })

  it('uses an answer that was slow and is there, says so, and misses nothing', async () => {
    const clock = manualClock()
    const slow = source('a', () => {
      clock.advance(8)
      return list(1)
    })
    const sources = { ...plan.sources, a: { limit: 10, weight: 1, budgetMs: 5 } }
    const query = testQuery({ limit: 2, deadline: new Deadline(clock, 100) }, { sources })
    const slate = await run({ clock, sources: { a: slow, b: source('b', () => list(5)) } }, query)
    expect([...slate.shown].sort()).toEqual([1, 5])
    expect(slate.rung).toBe('full')
    expect(slate.sources[0]).toMatchObject({
      status: 'late',
      count: 1,
      note: expect.stringContaining('slow, but used'),
    })
  })

  it('misses nothing of a source that was slow and has nothing for this viewer', async () => {
    const clock = manualClock()
    const slow = source('a', () => {
      clock.advance(8)
      return list()
    })
    const sources = { ...plan.sources, a: { limit: 10, weight: 1, budgetMs: 5 } }
    const query = testQuery({ limit: 1, deadline: new Deadline(clock, 100) }, { sources })
    const slate = await run({ clock, sources: { a: slow, b: source('b', () => list(5)) } }, query)
    expect(slate.shown).toEqual([5])
    expect(slate.rung).toBe('full')
    expect(slate.sources[0]).toMatchObject({ status: 'late', count: 0, note: 'slow, and it had nothing to give' })
  })

  it('skips the sources that are left when the time for retrieval is spent', async () => {
    const clock = manualClock()
    const slow = source('a', () => {
      clock.advance(20)
      return list(1)
    })
    const query = testQuery({ limit: 3, deadline: new Deadline(clock, 100) }, plan)
    const { shown, sources } = await run({ clock, sources: { a: slow, b: source('b', () => list(5)) } }, query)
    expect(shown).toEqual([1])
    expect(sources.map((report) => report.status)).toEqual(['late', 'skipped'])
  })

  it('keeps the coarse order when features or the fine rank fail', async () => {
    const fail = () => {
      throw new Error('no model')
    }
    const withoutFeatures = await run({ features: { ...rowReader(), read: fail } })
    expect(withoutFeatures.rung).toBe('coarse')
    expect(withoutFeatures.shown[0]).toBe(4) // proposed by both sources
    const withoutFine = await run({ fine: { name: 'fine', score: fail } })
    expect(withoutFine.shown).toEqual(withoutFeatures.shown)
    expect(withoutFine.stages.find((stage) => stage.stage === 'fine')).toMatchObject({
      status: 'failed',
      note: 'no model',
    })
  })

  it('ranks by the features that came, and says which did not', async () => {
    const { stages, rung, ranked } = await run({ features: rowReader('missing') })
    expect(rung).toBe('partial')
    expect(stages.find(({ stage }) => stage === 'features')).toMatchObject({ status: 'late', note: 'missing: row' })
    expect(stages.find(({ stage }) => stage === 'fine')).toMatchObject({ status: 'ok' })
    expect(ranked.reading).toMatchObject({ groups: ['row', 'other'], status: ['missing', 'ok'] })
    const stale = await run({ features: rowReader('stale', 250) })
    expect(stale.rung).toBe('stale')
    const none = await run({ features: rowReader('missing', 0, 'missing') })
    expect([none.rung, none.ranker]).toEqual(['coarse', undefined])
    expect(stale.stages.find(({ stage }) => stage === 'features')).toMatchObject({
      status: 'ok',
      note: 'stale: row (250 ms old)',
    })
  })

  it('holds policy even when the rerank fails', async () => {
    const reranker = {
      name: 'broken',
      rerank: () => {
        throw new Error('no')
      },
    }
    const { shown } = await run({ reranker, filters: [refuse('hidden', [5], 'hidden', true)] })
    expect(shown).toEqual([4, 3, 2])
  })

  it('counts removals by reason and asks policy filters again at the end', async () => {
    let asked = 0
    const late: Filter = { name: 'late', policy: true, prepare: () => () => (asked++ >= 5 ? reasonCode('hidden') : 0) }
    const { shown, removals } = await run({ filters: [refuse('seen', [4], 'seen'), late] })
    expect(removals).toEqual({ seen: 1 })
    expect(shown.length).toBeLessThan(3) // hidden meanwhile: the last check removed them
  })

  it('sweeps the catalogue when retrieval leaves too few, and says so', async () => {
    const filters = [refuse('seen', [1, 2, 3, 4, 5], 'seen')]
    const { shown, rung } = await run({ filters, supply: supplyOf(9, 8, 7) })
    expect(shown).toEqual([9, 8, 7])
    expect(rung).toBe('sweep')
    const nothing = await run({ filters })
    expect(nothing.rung).toBe('empty')
  })

  it('carries reserved sources past the coarse cut', async () => {
    const query = testQuery({ limit: 3 }, { ...plan, rank: 2 })
    const without = await run({}, query)
    expect(without.ranked.count).toBe(2)
    const { ranked } = await run({ reserved: ['b'] }, query)
    expect([...ranked.rows].sort()).toEqual([1, 4, 5])
  })
})
