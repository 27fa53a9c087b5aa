import { appendFileSync, mkdtempSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { completeConfig } from '../../domain/index.ts'
import type { SluiceError } from '../../foundation/base/index.ts'
import { RankingScorer } from '../../learning/models/index.ts'
import { type RankingRun, trainRanker } from '../../learning/training/index.ts'
import { createEngine } from '../create-engine.ts'
import type { Engine, Progress } from '../engine.ts'
import { hydrate } from '../serve/hydrate.ts'
import { LiveModels } from './live.ts'
import { listRuns, plotRun, showRun } from './runs.ts'
import { train, trainModels } from './train.ts'
import { calm } from './testing/calm.ts'
import { registerRanker } from './testing/register-ranker.ts'
import { type Material, Workshop } from './workshop.ts'
import { trainedReference } from '../observe/trained-reference.ts'

const data = mkdtempSync(join(tmpdir(), 'sluice-rankers-'))
const config = calm({ fine: 'din', coarse: 'coarse', degraded: 'degraded' })
const small = { epochs: 1, width: 16, history: 10, network: { hidden: [32, 16] } } as const
let engine: Engine
let workshop: Workshop
let material: Material
let run: RankingRun

beforeAll(async () => {
  engine = createEngine({ data, config, world: { users: 150, items: 300, days: 14, events: 12_000 } })
  await engine.open()
  workshop = new Workshop(data, config)
  material = await workshop.material()
  const { samples, facts } = material
  run = await trainRanker({ recipe: 'din', samples, facts, config: small })
})

afterAll(async () => {
  await engine.close()
  rmSync(data, { recursive: true, force: true })
})

/** Makes a version of the small model live, and gives its number. */
const register = (name = 'din'): Promise<string> => registerRanker(workshop, name, material, run)

async function fineAnswers(wanted: string): Promise<Awaited<ReturnType<Engine['slate']>>> {
  for (let tries = 0; tries < 100; tries++) {
    const slate = await engine.slate({ surface: 'home', user: 'u00003', limit: 5 })
    if (slate.models?.['fine'] === wanted) return slate
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`${wanted} never answered`)
}

describe('a learned ranker', () => {
  it('takes the place of the bootstrap ranker when its version is live, and gives it back on rollback', async () => {
    const before = await engine.slate({ surface: 'home', user: 'u00003', limit: 5 })
    expect(before.models).toEqual({ coarse: 'bootstrap', fine: 'bootstrap' })
    expect(before.items[0]?.predictions).toBeUndefined()
    const first = await register()
    const slate = await fineAnswers(`din/${first}`)
    expect(slate.digest).not.toBe(before.digest)
    const explained = engine.explain(slate.slate)
    expect(explained.models?.['fine']).toBe(`din/${first}`)
    for (const [i, item] of slate.items.entries()) {
      const { click = 0, watch = 0, satisfaction = 0, report = 0 } = item.predictions ?? {}
      // The objective's default values: 1 a click, 2 a watch, 1.5 a satisfied click, -20 a report.
      expect(item.score).toBeCloseTo(click + 2 * watch + 1.5 * click * satisfaction - 20 * report, 4)
      const parts = Object.values(explained.items[i]?.contributions ?? {})
      expect(parts.reduce((sum, part) => sum + part, 0)).toBeCloseTo(item.score, 4)
    }
    const second = await register()
    await fineAnswers(`din/${second}`)
    await workshop.registry.rollback('din')
    await fineAnswers(`din/${first}`)
  })

  it('scores online what it scores offline', async () => {
    const { parts, samples, facts } = material
    await register()
    const live = new LiveModels(join(data, 'models'), parts.models)
    await live.look()
    const query = hydrate(parts, { surface: 'home', user: 'u00007', seed: 'x' }, 0)
    const candidates = await parts.pipeline.gather(query)
    candidates.features = new Float32Array(candidates.count * samples.width)
    const ask = { user: query.viewer.row, at: query.at, surface: 'home', device: '' }
    const { country, language } = query.viewer
    parts.features.read({ ...ask, country, language }, candidates.rows, candidates.features)
    const online = await parts.rankers.fine.predict(query, candidates)
    const scorer = await RankingScorer.open(run.artifact, facts)
    const offline = await scorer.score({
      ...{ user: query.viewer.row, at: query.at, surface: 1 },
      history: historyBySamples(query.viewer.row),
      ...{ candidates: candidates.rows, features: candidates.features },
    })
    const heads = run.artifact.manifest.spec.heads.length
    for (let i = 0; i < candidates.count; i++)
      expect(online.of(i)['click']).toBeCloseTo(offline[i * heads] as number, 5)
    await scorer.close()
    await live.stop()
  })

  it('keeps what serves when the next version is damaged or of other features', async () => {
    const { parts } = material
    const sound = await register()
    const live = new LiveModels(join(data, 'models'), parts.models)
    await live.look()
    expect(parts.rankers.fine.version).toBe(sound)
    const truncated = await register()
    truncateSync(join(data, 'models', 'din', truncated, 'candidates-32.onnx'), 100)
    await live.look()
    expect(parts.rankers.fine.version).toBe(sound)
    const changed = await register()
    appendFileSync(join(data, 'models', 'din', changed, 'item.embeddings'), 'x')
    await live.look()
    expect(parts.rankers.fine.version).toBe(sound)
    await live.stop()
    const other = new Workshop(data, completeConfig({ ranking: { fine: 'din', priorCtr: 0.1 } }))
    const elsewhere = await other.material()
    const refusing = new LiveModels(join(data, 'models'), elsewhere.parts.models)
    await refusing.look()
    expect(elsewhere.parts.rankers.fine.version).toBeUndefined() // ERR_MODEL_FEATURES: the bootstrap ranker serves
    await refusing.stop()
  })
})

describe('training by name', () => {
  it('trains, judges and registers, with what scripts rely on', async () => {
    const report = await train({ data, config, model: 'wdl', epochs: 1 })
    expect(report).toMatchObject({ model: 'wdl', version: '000001' })
    expect(report.examples).toBeGreaterThan(2000)
    for (const name of ['auc', 'gauc', 'logloss', 'ece', 'ndcg@10']) expect(report.metrics[name]).toBeGreaterThan(0)
    expect(report.gates.map(({ gate }) => gate)).toEqual([
      ...['data', 'drift', 'offline', 'calibration', 'latency', 'parity'],
    ])
    expect(report.gates.find(({ gate }) => gate === 'parity')?.pass).toBe(true)
    expect(report.gates.find(({ gate }) => gate === 'offline')?.say).toContain('against the bootstrap ranker')
    const { files } = workshop.registry.show('wdl', report.version)
    const reference = trainedReference(join(data, 'models'), 'wdl', report.version)
    expect(reference?.of).toBe('wdl/000001')
    expect(reference?.columns['item.ctr']?.shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9)
    expect(files.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['run.jsonl', 'loss.svg', 'drift-reference.json']),
    )
  })

  it('goes by the settings of the configuration, and by those it is given before them', async () => {
    const settings = { wdl: { epochs: 1, 'network.hidden': [8], width: 8 } }
    const chosen = completeConfig({ learning: { settings } })
    const { version } = await train({ data, config: chosen, model: 'wdl', settings: { width: 12 } })
    const { config: made } = workshop.registry.show('wdl', version)
    expect(made['recipe']).toMatchObject({ epochs: 1, width: 12, network: { hidden: [8] } })
  })

  it('tells how the coarse ranker learns, and keeps the record of it', async () => {
    await register()
    const told: Progress[] = []
    const onProgress = (progress: Progress) => told.push(progress)
    const { version, examples, metrics } = await train({ data, config, model: 'coarse', epochs: 1, onProgress })
    const steps = told.filter(({ loss }) => loss !== undefined)
    expect(steps.at(-1)).toMatchObject({ phase: 'coarse', secondsLeft: 0 })
    expect(steps.at(-1)?.done).toBe(steps.at(-1)?.total)
    const shown = showRun(data, `coarse/${version}`)
    const end = { name: 'coarse', examples, bestEpoch: 5, done: true, metrics }
    expect(metrics['kept.low']).toBeLessThanOrEqual(metrics['kept'] as number)
    expect(shown).toMatchObject({ kind: 'training', end })
    const points = shown.kind === 'training' ? shown.points : []
    expect(points.at(-1)).toMatchObject({ phase: 'train', epoch: 5, epochs: 5, step: steps.at(-1)?.total })
    expect(points.at(-1)?.loss).toBe(steps.at(-1)?.loss)
    expect(listRuns(data)).toContainEqual(expect.objectContaining({ run: `coarse/${version}`, state: 'done' }))
    expect(plotRun(data, `coarse/${version}`)).toContain('<polyline')
  })

  it('says what is missing: a teacher, or something to learn from', async () => {
    const untaught = completeConfig({ ranking: { fine: 'dlrm' } })
    await expect(train({ data, config: untaught, model: 'coarse' })).rejects.toMatchObject({
      code: 'ERR_TRAIN_TEACHER',
      message: expect.stringContaining('sluice train dlrm'),
    })
    const strict = completeConfig({ ranking: { fine: 'dlrm' }, learning: { gates: { latencyMsMax: 0.1 } } })
    await train({ data, config: strict, model: 'dlrm', epochs: 1 })
    await expect(train({ data, config: strict, model: 'coarse' })).rejects.toThrow(
      /live version of dlrm, and the latest, 000001, does not serve: (drift|offline|calibration|latency): .+/,
    )
    const refused: string[] = []
    const trained: string[] = []
    const options = { data, config: untaught, epochs: 1, refused: ({ code }: SluiceError) => void refused.push(code) }
    for await (const { model } of trainModels(['coarse', 'wdl'], options)) trained.push(model)
    expect([refused, trained]).toEqual([['ERR_TRAIN_TEACHER'], ['wdl']])
    const empty = mkdtempSync(join(tmpdir(), 'sluice-rankers-'))
    try {
      const made = createEngine({ data: empty, config })
      await made.open()
      await made.close()
      await expect(train({ data: empty, config, model: 'din' })).rejects.toMatchObject({ code: 'ERR_TRAIN_DATA' })
    } finally {
      rmSync(empty, { recursive: true, force: true })
    }
  })
})

/** A viewer's history as their latest request in the samples would have it now: from the engine's own account of it. */
function historyBySamples(row: number) {
  const { parts, samples } = material
  const { history } = engine.user(parts.state.users.ids.name(row))
  const latest = history.slice(0, 10).reverse()
  const now = parts.clock.now()
  const at = (item: string) => parts.state.items.ids.find(item)
  return {
    items: latest.map(({ item }) => at(item)),
    ago: latest.map((entry) => (now - entry.at) / 1000),
    kinds: latest.map(({ kind }) => samples.header.kinds.indexOf(kind)),
    completions: latest.map((_, i) => {
      const completion = parts.histories.completion(row, latest.length - 1 - i)
      return Number.isNaN(completion) ? -1 : completion
    }),
  }
}
