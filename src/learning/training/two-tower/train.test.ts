import fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readTwoTower, TwoTowerEncoder, writeTwoTower } from '../../models/index.ts'
import { toyFacts, toySamples } from '../testing/toy-samples.ts'
import { ranksByScores, retrievalMetrics, trainTwoTower, type TwoTowerTask } from './index.ts'

const samples = toySamples('taste', 1500)
const catalogue = Uint32Array.from({ length: 60 }, (_, i) => i)
const task: TwoTowerTask = {
  samples,
  facts: toyFacts,
  catalogue,
  expectations: { emptyDaysMax: 100 },
  config: {
    network: { hidden: 32, units: 16, heads: 2, blocks: 0 },
    ...{ width: 16, history: 8, batch: 64, uniform: 32, denseRate: 5e-3, warmup: 10, epochs: 4, admission: 1 },
  },
}

describe('trainTwoTower', () => {
  it('finds the items of the category that fills the history', async () => {
    const run = await trainTwoTower(task)
    const { test, counts } = run
    const popular = ranksByScores(test, catalogue, (item) => counts[item] as number)
    const baseline = retrievalMetrics(test, popular, counts)
    // Ten items of sixty have the category; nine in ten clicks are on them, or on one drawn evenly.
    expect(baseline['recall@10']?.value).toBeLessThan(0.35)
    expect(run.metrics['recall@10']?.value).toBeGreaterThan(0.6)
    expect(run.metrics['recall@10']?.low).toBeGreaterThan(baseline['recall@10']?.high as number)
  })

  it('gives an item that nobody has met its place by what it is', async () => {
    const run = await trainTwoTower(task)
    const folder = fs.mkdtempSync(join(tmpdir(), 'sluice-two-tower-'))
    writeTwoTower(run.artifact, (file) => join(folder, file))
    const { manifest, users, items: towers, tables } = readTwoTower(run.artifact.manifest, (file) => join(folder, file))
    fs.rmSync(folder, { recursive: true })
    const encoder = await TwoTowerEncoder.open(manifest.spec, { users, items: towers }, tables as never, toyFacts)
    const fresh = Uint32Array.from({ length: 6 }, (_, i) => 600 + i) // category i, ids never seen
    const vectors = await encoder.encodeItems(fresh)
    let first = 0
    for (let category = 0; category < 6; category++) {
      const items = [0, 6, 12, 18, 24, 30, 36, 42].map((row) => row + category)
      const request = { user: -1, at: samples.at(0), surface: 1, history: historyOf(items) }
      const viewer = await encoder.encodeUsers([request])
      const scores = Array.from(fresh, (_, i) => dot(viewer, vectors.subarray(i * encoder.units)))
      if (scores.indexOf(Math.max(...scores)) === category) first++
    }
    expect(first).toBe(6)
    // Who comes back a month later, at the same hour, is still who they were.
    const history = historyOf([0, 6, 12, 18])
    const later = { ...history, ago: history.ago.map((seconds) => seconds + 30 * 86_400) }
    const ask = (past: typeof history) =>
      encoder.encodeUsers([{ user: -1, at: samples.at(0), surface: 1, history: past }])
    expect(await ask(later)).toEqual(await ask(history))
    await encoder.close()
  })

  it('goes on after a stop to the same bits', async () => {
    const short = { ...task, config: { ...task.config, epochs: 3, patience: 0 } }
    const whole = await trainTwoTower(short)
    const folder = fs.mkdtempSync(join(tmpdir(), 'sluice-two-tower-'))
    let steps = 0
    const signal = {
      get aborted() {
        return steps > 40
      },
    } as unknown as AbortSignal
    const count = () => {
      steps += 50
    }
    const stopped = await trainTwoTower({ ...short, folder, signal, onProgress: count })
    expect(stopped.done).toBe(false)
    const ended = await trainTwoTower({ ...short, folder })
    expect(ended.metrics).toEqual(whole.metrics)
    expect(ended.artifact.users).toEqual(whole.artifact.users)
    fs.rmSync(folder, { recursive: true })
  })

  it.each([
    { inBatch: false },
    { uniform: 0 },
    { logQ: false },
    { hard: 8 },
    { network: { ...task.config?.network, blocks: 1 } },
  ])('learns with %o', async (changes) => {
    const { metrics } = await trainTwoTower({ ...task, config: { ...task.config, ...changes } })
    expect(metrics['recall@10']?.value).toBeGreaterThan(0.5)
  })

  it('does not learn an item that came out later as one that nobody wants', async () => {
    const later = Uint32Array.from({ length: 6 }, (_, i) => 600 + i) // category i
    const all = Uint32Array.from([...catalogue, ...later])
    const end = samples.at(samples.requests - 1)
    /** Mean rank of the later item of a category among all, for viewers of that category. */
    const rank = async (published: (item: number) => number): Promise<number> => {
      const facts = { ...toyFacts, published }
      const { artifact, learned } = await trainTwoTower({ ...task, facts, pool: all })
      const { spec, network } = artifact.manifest
      const weights = { layout: learned.layout, weights: learned.dense.weights }
      const encoder = await TwoTowerEncoder.over(spec, network, weights, learned.tables, facts)
      const vectors = await encoder.encodeItems(all)
      let sum = 0
      for (let category = 0; category < 6; category++) {
        const history = historyOf([0, 6, 12, 18, 24, 30, 36, 42].map((row) => row + category))
        const viewer = await encoder.encodeUsers([{ user: -1, at: end, surface: 1, history }])
        const scores = Array.from(all, (_, i) => dot(viewer, vectors.subarray(i * encoder.units)))
        const own = scores[catalogue.length + category] as number
        sum += scores.filter((score) => score > own).length
      }
      await encoder.close()
      return sum / 6
    }
    const told = await rank((item) => (item < 600 ? 0 : end + 1))
    const untold = await rank(() => Number.NaN) // as far as anybody knows they were there all the time, and nobody wanted them
    // Ten others have its category: it stands among them; or behind them all.
    expect(told).toBeLessThan(8)
    expect(untold).toBeGreaterThan(9)
  })

  it('refuses to train without negatives', async () => {
    const config = { ...task.config, inBatch: false, uniform: 0, hard: 0 }
    await expect(trainTwoTower({ ...task, config })).rejects.toThrow(RangeError)
  })
})

const historyOf = (items: readonly number[]) => ({
  items,
  ago: items.map((_, i) => 60 * 2 ** (items.length - i)),
  kinds: items.map(() => 1),
  completions: items.map(() => -1),
})

const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, x, i) => sum + x * (b[i] as number), 0)
