import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { completeConfig, Kinds } from '../../domain/index.ts'
import { manualClock } from '../../foundation/base/index.ts'
import { trainRanker, type RankingRun } from '../../learning/training/index.ts'
import { createEngine } from '../create-engine.ts'
import { openReader } from '../ingest/journal.ts'
import { rankerEntry } from '../learn/ranker-entry.ts'
import { throughFiles } from '../learn/ranker.ts'
import { train } from '../learn/train.ts'
import { type Material, Workshop } from '../learn/workshop.ts'
import { createParts } from '../parts.ts'
import { ask, greedy } from './asking.ts'
import { evaluate } from './evaluate.ts'
import { split, type Split } from './protocols.ts'
import type { EvaluationReport, Protocol } from './report.ts'

const data = mkdtempSync(join(tmpdir(), 'sluice-evaluate-'))
/** What is judged here is what was learnt, not how busy the machine is. */
const config = completeConfig({ ranking: { fine: 'din' }, learning: { gates: { latencyMsMax: 1000 } } })
const small = { epochs: 1, width: 16, history: 10, network: { hidden: [16, 8] } } as const
const passed = { gate: 'test', pass: true, value: null, limit: null, say: 'registered by a test' }
let workshop: Workshop
let material: Material
let run: RankingRun

beforeAll(async () => {
  const world = { users: 60, items: 600, days: 10, events: 6000 }
  const engine = createEngine({ data, config, world, clock: manualClock(Date.UTC(2026, 0, 1)) })
  await engine.open()
  await engine.close()
  workshop = new Workshop(data, config, undefined, { holdout: 0.1 })
  material = await workshop.material()
  const { samples, facts } = material
  run = await trainRanker({ recipe: 'din', samples, facts, config: small })
})

afterAll(() => rmSync(data, { recursive: true, force: true }))

/** Makes the small model live, said to have learnt until a moment. */
async function register(learntUntil: number): Promise<string> {
  const version = await candidate('din', learntUntil)
  await workshop.registry.promote('din', version)
  return version
}

async function candidate(model: string, learntUntil: number): Promise<string> {
  const draft = workshop.registry.draft(model)
  throughFiles(draft, run.artifact)
  const { samples, until } = material
  const entry = { artifact: run.artifact, samples, seed: 'test', metrics: {}, gates: [passed], until }
  const { version } = await draft.commit(
    rankerEntry({ ...entry, examples: run.examples, learntUntil, parents: [], recipe: {} }),
  )
  return version
}

const parted = async (protocol: Protocol): Promise<Split> =>
  split((await openReader(data)).replay(), new Kinds(config.events.kinds), protocol, 0.9)
const judged = (protocol: Protocol) => evaluate({ data, config, protocol, usersMax: 0 })
const rowOf = ({ rows }: EvaluationReport, name: string) => rows.find((row) => row.name === name)

describe('the spine with learned rankers', () => {
  it('is no row before one is live', async () => {
    const report = await judged('time-split')
    expect(rowOf(report, 'spine-learned')).toBeUndefined()
    expect(report.notes).toContainEqual(expect.stringContaining('no learned ranker is live'))
    expect(report.notes.join()).not.toMatch(/two-tower|sequence/) // nobody has trained one
  })

  it('says that a retrieval model was trained and does not serve', async () => {
    await candidate('two-tower', 0)
    const { rows, notes } = await judged('leave-one-out')
    expect(notes.join()).toContain('no version of the two-tower model is live, so it has no row: sluice models list')
    expect(rows.map(({ name }) => name)).not.toContain('two-tower')
  })

  it('is judged beside the one set by hand when nothing asked for was learnt, by its own order', async () => {
    const { wanted, at, knows } = await parted('time-split')
    const version = await register(at)
    const report = await judged('time-split')
    expect(report.notes).toContainEqual(expect.stringContaining(`spine-learned has din/${version} as fine ranker`))
    expect(rowOf(report, 'spine-learned')?.kind).toBe('spine')
    const byHand = await meanNdcg(wanted, at, knows, false)
    const learned = await meanNdcg(wanted, at, knows, true)
    expect(Math.abs(learned - byHand)).toBeGreaterThan(1e-4)
    expect(rowOf(report, 'spine')?.metrics['ndcg@10']?.value).toBeCloseTo(byHand, 9)
    expect(rowOf(report, 'spine-learned')?.metrics['ndcg@10']?.value).toBeCloseTo(learned, 9)
  })

  it.each(['time-split', 'leave-one-out'] as const)(
    'is left out, with the reason, when it may know (%s)',
    async (name) => {
      const { askedFrom } = await parted(name)
      await register(askedFrom + 1)
      const report = await judged(name)
      expect(rowOf(report, 'spine-learned')).toBeUndefined()
      expect(report.notes).toContainEqual(expect.stringContaining(`begins at ${new Date(askedFrom).toISOString()}`))
    },
  )

  it('asks by leave-one-out from the earliest last item on', async () => {
    const { wanted, askedFrom } = await parted('leave-one-out')
    const kinds = new Kinds(config.events.kinds)
    let first = Number.POSITIVE_INFINITY
    for (const entry of (await openReader(data)).replay()) {
      if (entry.type !== 'event') continue
      const { user = '', item = '', kind, at } = entry.event
      if (!kinds.specs[kinds.code(kind)]?.consumes || !wanted.get(user)?.has(item)) continue
      first = Math.min(first, at)
    }
    expect(askedFrom).toBe(first)
    await register(first)
    expect(rowOf(await judged('leave-one-out'), 'spine-learned')).toBeDefined()
  })
})

describe('a coarse ranker that learnt from one that held out', () => {
  it('takes its place in the spine that is judged, and is left out when it may know', async () => {
    const { at, wanted, knows } = await parted('time-split')
    await register(at)
    const judge = () => judged('time-split') // of 600 items, 200 survive the coarse rank
    const fineAlone = rowOf(await judge(), 'spine-learned')
    const trained = await train({ data, config, model: 'coarse', epochs: 16, holdout: 0.1 })
    expect(trained.gates.filter(({ pass }) => !pass)).toEqual([])
    expect(trained.gates.find(({ gate }) => gate === 'latency')?.limit).toBe(1000) // as configured
    expect(Number(workshop.registry.show('coarse', trained.version).config['learntUntil'])).toBeLessThanOrEqual(at)
    const report = await judge()
    expect(report.notes).toContainEqual(
      expect.stringContaining(`spine-learned has coarse/${trained.version} as coarse ranker`),
    )
    const both = rowOf(report, 'spine-learned')?.metrics['ndcg@10']?.value
    expect(both).toBeCloseTo(await meanNdcg(wanted, at, knows, true), 9)
    expect(both).not.toBeCloseTo(fineAlone?.metrics['ndcg@10']?.value as number, 6)

    const earlier = await judged('leave-one-out') // asks for what it has learnt
    expect(earlier.notes).toContainEqual(expect.stringContaining(`goes without coarse/${trained.version}`))
  })
})

describe('a training that holds out', () => {
  it('reads nothing from the moment on at which evaluate splits', async () => {
    const { at } = await parted('time-split')
    expect(material.heldFrom).toBe(at)
    const { samples, parts } = material
    for (let i = 0; i < samples.requests; i++) expect(samples.at(i)).toBeLessThan(at)
    expect(parts.clock.now()).toBeLessThan(at)
    const whole = await new Workshop(data, config).material()
    expect(whole.samples.at(whole.samples.requests - 1)).toBeGreaterThan(at)
  })

  it('says in the manifest what it has learnt, so that it may be judged', async () => {
    const { at } = await parted('time-split')
    const { version } = await train({ data, config, model: 'wdl', epochs: 1, holdout: 0.1 })
    const { config: said } = workshop.registry.show('wdl', version)
    expect(said['learntUntil']).toBeLessThan(at)
    expect(said['recipe']).toMatchObject({ heldFrom: at })
  })
})

/** NDCG@10 of the spine over all judged users, from its definition. */
async function meanNdcg(wanted: Split['wanted'], at: number, knows: Split['knows'], learned: boolean): Promise<number> {
  const parts = createParts(greedy(config, 'home'), manualClock(at))
  for (const entry of (await openReader(data)).replay()) if (knows(entry)) parts.state.apply(entry)
  parts.build()
  if (learned) {
    await parts.rankers.fine.use((await workshop.registry.loadLive('din')).artifact)
    await parts.rankers.coarse.use((await workshop.registry.loadLive('coarse')).artifact)
  }
  let sum = 0
  for (const [user, items] of wanted) {
    const { ranked, picks } = await parts.pipeline.run(ask(parts, 'home', user, at))
    const names = picks.map(({ index }) => parts.state.items.ids.name(ranked.rows[index] as number))
    const gains = names.slice(0, 10).map((name, i) => (items.has(name) ? 1 / Math.log2(i + 2) : 0))
    const ideal = Array.from({ length: Math.min(10, items.size) }, (_, i) => 1 / Math.log2(i + 2))
    sum += gains.reduce((a, b) => a + b, 0) / ideal.reduce((a, b) => a + b, 0)
  }
  await parts.rankers.fine.use(undefined)
  await parts.rankers.coarse.use(undefined)
  return sum / wanted.size
}
