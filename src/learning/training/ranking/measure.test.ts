import { beforeAll, describe, expect, it } from 'vitest'
import { completeConfig } from '../../../domain/index.ts'
import { runGates } from '../../registry/index.ts'
import { toyFacts, toySamples } from '../testing/toy-samples.ts'
import {
  flatMetrics,
  gaucDifference,
  lossPlot,
  measureRanker,
  progressLine,
  type RankingRun,
  type Rival,
  runLine,
  trainRanker,
} from './index.ts'

const samples = toySamples('taste', 1500)
const lines: string[] = []
let run: RankingRun

beforeAll(async () => {
  run = await trainRanker({
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
      epochs: 3,
    },
    onProgress: (progress) => lines.push(progressLine(progress)),
  })
})

describe('gaucDifference', () => {
  it('is nothing against itself and the difference of the two against another', () => {
    const own = Float32Array.from({ length: run.test.count }, (_, i) => run.test.logits[i * 5] as number)
    const alike = gaucDifference(run.test, 0, own)
    expect(alike.difference).toMatchObject({ value: 0, low: 0, high: 0 })
    expect(alike.users).toBeGreaterThan(20)
    expect(alike.users).toBeLessThanOrEqual(new Set(run.test.user).size)
    const turned = own.map((x) => -x) // AUC becomes 1 - AUC
    const { difference } = gaucDifference(run.test, 0, turned)
    expect(difference?.value).toBeCloseTo(2 * (run.metrics['click']?.gauc?.value as number) - 1, 6)
    expect(() => gaucDifference(run.test, 0, own.subarray(1))).toThrow(RangeError)
  })
})

/** One weak feature. */
const hint: Rival = {
  name: 'the order by hint',
  score: ({ features }) => {
    const { featureNames } = samples.header
    const column = featureNames.indexOf('hint')
    return features.filter((_, i) => i % featureNames.length === column)
  },
}

describe('measureRanker', () => {
  it('gives the gates all but drift, and a good model passes them', async () => {
    const { measurements: measured } = await measureRanker(run, { samples, facts: toyFacts, baseline: hint })
    const waived = { drift: 'the world stands still', latency: 'the machine is shared' }
    const verdicts = runGates(measured, { ...completeConfig({}).learning.gates, waived, eceMax: 0.08 })
    expect(verdicts.filter(({ pass }) => !pass)).toEqual([])
    expect(measured.offline?.difference?.low).toBeGreaterThan(0.2) // far above one weak feature
    expect(measured.latency?.p99).toBeGreaterThan(0)
    expect(measured.offline?.renews).toBe(false)
    expect(measured.calibration?.low).toBeLessThan(measured.calibration?.ece as number)
  })

  it('holds a model against the live one', async () => {
    const live = { name: 'din/000001', artifact: run.artifact }
    const { measurements: measured, figures } = await measureRanker(run, {
      samples,
      facts: toyFacts,
      baseline: hint,
      live,
    })
    expect(measured.offline).toMatchObject({ against: 'din/000001', renews: true })
    expect(Math.abs(measured.offline?.difference?.value as number)).toBeLessThan(1e-6)
    // The live one is the same; by itself it is measured as the candidate is.
    expect(figures['gauc of din/000001']).toBeCloseTo(run.metrics['click']?.gauc?.value as number, 6)
    expect(figures['ndcg@10 of din/000001.low']).toBeCloseTo(run.metrics['click']?.['ndcg@10']?.low as number, 6)
    expect(measured.offline?.beside?.map(({ name }) => name)).toEqual(['item-kNN', 'the order by hint'])
    for (const name of ['item-kNN', 'the order by hint'])
      for (const figure of [`gauc of ${name}`, `ndcg@10 of ${name}`]) {
        expect(figures[`${figure}.low`]).toBeLessThan(figures[figure] as number)
        expect(figures[`${figure}.high`]).toBeGreaterThan(figures[figure] as number)
      }
    // What is clicked is of the category that fills the history; so is what is consumed together.
    expect(figures['gauc of item-kNN']).toBeGreaterThan(0.7)
  })
})

describe('records', () => {
  it('say what happened in lines, and draw it', () => {
    const last = JSON.parse(runLine(run)) as { metrics: Record<string, number>; config: { model: string } }
    expect(last.config.model).toBe('din')
    expect(last.metrics['click.auc']).toBe(run.metrics['click']?.auc?.value)
    expect(last.metrics['click.auc.low']).toBeLessThan(last.metrics['click.auc'] as number)
    expect(flatMetrics(run.metrics)['return.auc']).toBeUndefined() // no label is known
    const plot = lossPlot([...lines, runLine(run), ''])
    expect(plot.match(/<circle/g)?.length).toBe(lines.filter((line) => line.includes('"validate"')).length)
    expect(plot).toMatch(/^<svg[^>]*>/)
  })
})
