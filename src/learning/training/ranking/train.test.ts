import fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { HOUR } from '../../../foundation/base/index.ts'
import { batchesOf, Dataset, HEADS, headCode } from '../../../stream/samples/index.ts'
import {
  historyAt,
  missingBits,
  readRanker,
  RankingScorer,
  type ScoreRequest,
  viewerState,
  writeRanker,
} from '../../models/index.ts'
import { toyFacts, toySamples } from '../testing/toy-samples.ts'
import { type WorldSamples, worldSamples } from '../testing/world-samples.ts'
import { completeConfig, type RankingRun, RankingLearner, trainRanker } from './index.ts'
import { fitFeatureSpec } from '../../models/index.ts'

const small = { epochs: 1, width: 16, history: 10, network: { hidden: [32, 16] } } as const
let made: WorldSamples
let run: RankingRun

beforeAll(async () => {
  made = worldSamples({ users: 150, items: 300, days: 28, seed: 'train test' })
  run = await trainRanker({ recipe: 'bst-isolated', samples: made.samples, facts: made.facts, config: small })
})

function askOf(index: number): ScoreRequest {
  const { user, at, surface, history, items, features } = made.samples.request(index)
  return { user, at, surface, history, candidates: items, features }
}

describe('trainRanker', () => {
  it('gives the same bits for the same task', async () => {
    const again = await trainRanker({ recipe: 'bst-isolated', samples: made.samples, facts: made.facts, config: small })
    expect(again.metrics).toEqual(run.metrics)
    expect(again.artifact.manifest).toEqual(run.artifact.manifest)
    expect(Buffer.from(again.artifact.graphs[0] as Uint8Array).equals(run.artifact.graphs[0] as Uint8Array)).toBe(true)
  })

  it('goes on after a stop to the same bits', async () => {
    const folder = fs.mkdtempSync(join(tmpdir(), 'sluice-ranking-'))
    const task = { recipe: 'bst-isolated', samples: made.samples, facts: made.facts, config: small, folder } as const
    for (const stopAt of [7, 13]) {
      // Steps are counted by the signal that is looked at after each.
      let looked = 0
      const signal = {
        get aborted() {
          return ++looked > stopAt
        },
      } as unknown as AbortSignal
      const stopped = await trainRanker({ ...task, signal })
      expect(stopped.done).toBe(false)
    }
    const ended = await trainRanker(task)
    expect(ended.done).toBe(true)
    expect(ended.metrics).toEqual(run.metrics)
    for (const [i, graph] of ended.artifact.graphs.entries())
      expect(Buffer.from(graph).equals(run.artifact.graphs[i] as Uint8Array)).toBe(true)
    const other = { ...task, config: { ...small, seed: 'other' } }
    await expect(trainRanker(other)).rejects.toMatchObject({ code: 'ERR_MODEL_INVALID' })
    fs.rmSync(folder, { recursive: true })
  })

  it('judges every head, with intervals around the values', () => {
    expect(Object.keys(run.metrics)).toEqual(['click', 'watch', 'satisfaction', 'report', 'return'])
    const { auc, logloss, ece } = run.metrics['click'] as RankingRun['metrics'][string]
    for (const figure of [auc, logloss]) expect(figure?.low).toBeLessThan(figure?.value as number)
    expect(ece?.value).toBeLessThan(0.15)
  })

  it('learns of returns alone what was known before validation begins, and has the head speak where that is enough', async () => {
    const plain = toySamples('taste', 600)
    const RETURN = headCode('return')
    for (const [i, at] of plain.chunks[0]!.impressions.known.entries()) {
      plain.chunks[0]!.impressions.known[i] = at | (1 << RETURN)
      plain.chunks[0]!.impressions.labels[i * HEADS + RETURN] = i % 3 === 0 ? 1 : 0
    }
    const headsOf = async (returnMs: number) => {
      const samples = new Dataset({ ...plain.header, returnMs }, plain.chunks)
      const { artifact } = await trainRanker({ recipe: 'wdl', samples, facts: toyFacts, config: small })
      return artifact.manifest.learned
    }
    // Six hours of requests: of a window of ten nothing is known before the end of the training part.
    expect(await headsOf(HOUR)).toEqual(['click', 'watch', 'return'])
    expect(await headsOf(10 * HOUR)).toEqual(['click', 'watch'])
  })

  it('refuses samples that nothing can be learned from', async () => {
    const { samples, facts } = made
    const task = { recipe: 'wdl', samples, facts } as const
    await expect(trainRanker({ ...task, expectations: { featureDigest: 'other' } })).rejects.toThrow(/feature digest/)
    await expect(trainRanker({ ...task, expectations: { samplesMin: 1e9 } })).rejects.toMatchObject({
      code: 'ERR_SAMPLES_INVALID',
    })
    await expect(trainRanker({ ...task, config: { headWeights: {}, epochs: 0 } })).rejects.toThrow(RangeError)
  })

  it('says when gradients are not finite, and leaves the weights alone', async () => {
    const config = completeConfig('wdl', small)
    const spec = fitFeatureSpec(made.samples.header, [made.samples.request(0).features], { history: 10, width: 16 })
    const learner = await RankingLearner.open(spec, config, made.facts)
    const before = learner.learned.dense.weights.slice()
    const [batch] = [...batchesOf(made.samples, { requests: 32, impressions: 8, history: 10 })]
    const labels = (batch as { labels: Float32Array }).labels.slice()
    labels[0] = Number.NaN
    await expect(learner.learn({ ...batch, labels } as never, 1, 1)).rejects.toMatchObject({
      code: 'ERR_GRADIENT_NOT_FINITE',
    })
    expect(learner.learned.dense.weights).toEqual(before)
    await learner.close()
  })
})

describe('historyAt', () => {
  it('reads of the state what the samples kept of it', () => {
    const { samples, features, world } = made
    // The last request of a viewer whose history did not change after it.
    let compared = 0
    for (const { user, at, history } of samples) {
      if (user < 0) continue
      const now = historyAt(features.histories, user, world.end, 50)
      if (now.items.length !== history.items.length || now.items.length === 0) continue
      if (!Array.from(now.items).every((item, i) => item === history.items[i])) continue
      expect(now.kinds.length).toBe(history.kinds.length)
      const later = (world.end - at) / 1000
      for (const [i, ago] of Array.from(now.ago).entries())
        expect(ago - later).toBeCloseTo(history.ago[i] as number, -1)
      compared++
    }
    expect(compared).toBeGreaterThan(20)
  })
})

describe('RankingScorer', () => {
  it('scores the same from files', async () => {
    const folder = fs.mkdtempSync(join(tmpdir(), 'sluice-ranking-'))
    const path = (file: string) => join(folder, file)
    writeRanker(run.artifact, path)
    const manifest = JSON.parse(JSON.stringify(run.artifact.manifest)) as typeof run.artifact.manifest
    const read = await RankingScorer.open(readRanker(manifest, path), made.facts)
    const scorer = await RankingScorer.open(run.artifact, made.facts)
    expect(await read.score(askOf(3))).toEqual(await scorer.score(askOf(3)))
    await read.close()
    await scorer.close()
    fs.rmSync(folder, { recursive: true })
  })

  it('scores as the judge did', async () => {
    const scorer = await RankingScorer.open(run.artifact, made.facts)
    const heads = scorer.manifest.spec.heads.length
    let at = 0
    for (const number of run.split.test.subarray(0, 20)) {
      const logits = await scorer.logits(askOf(number))
      for (const logit of logits) expect(Math.abs(logit - (run.test.logits[at++] as number))).toBeLessThan(1e-5)
    }
    expect(at % heads).toBe(0)
    await scorer.close()
  })

  it('scores a candidate the same among any number of them', async () => {
    const scorer = await RankingScorer.open(run.artifact, made.facts)
    const heads = scorer.manifest.spec.heads.length
    const ask = askOf(40)
    const one = await scorer.logits(ask)
    const n = ask.candidates.length
    // The same candidates many times over: parts of several sizes.
    const times = 60
    const width = ask.features.length / n
    const features = new Float32Array(times * n * width)
    for (let t = 0; t < times; t++) features.set(ask.features, t * n * width)
    const candidates = Array.from({ length: times * n }, (_, i) => ask.candidates[i % n] as number)
    const many = await scorer.logits({ ...ask, candidates, features })
    expect(many.length).toBe(times * n * heads)
    for (let i = 0; i < many.length; i++)
      expect(Math.abs((many[i] as number) - (one[i % one.length] as number))).toBeLessThan(1e-5)
    const probabilities = await scorer.score(ask)
    for (const p of probabilities) expect(p > 0 && p < 1).toBe(true)
    await scorer.close()
  })

  it('does not read what is said to be missing', async () => {
    const scorer = await RankingScorer.open(run.artifact, made.facts)
    const missing = missingBits(scorer.manifest.spec, viewerState)
    const ask = { ...askOf(40), missing }
    const stranger = { ...ask, user: -1, history: { items: [], ago: [], kinds: [], completions: [] } }
    expect([...(await scorer.logits(ask))]).toEqual([...(await scorer.logits(stranger))])
    await scorer.close()
  })

  it('refuses to serve with other features', async () => {
    const { spec } = run.artifact.manifest
    const scorer = await RankingScorer.open(run.artifact, made.facts, { featureDigest: spec.featureDigest })
    await scorer.close()
    await expect(RankingScorer.open(run.artifact, made.facts, { featureDigest: 'other' })).rejects.toMatchObject({
      code: 'ERR_MODEL_FEATURES',
    })
  })

  it('refuses an artifact whose parts do not fit', async () => {
    const { artifact } = run
    const cut = (artifact.graphs[0] as Uint8Array).subarray(0, 1000)
    for (const broken of [
      { ...artifact, graphs: [] },
      { ...artifact, tables: {} },
      { ...artifact, graphs: [cut, cut, cut] },
      { ...artifact, manifest: { ...artifact.manifest, specDigest: 'other' } },
    ])
      await expect(RankingScorer.open(broken, made.facts)).rejects.toMatchObject({ code: 'ERR_MODEL_INVALID' })
  })
})
