import fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { batchesOf, leaveOneOut } from '../../stream/samples/index.ts'
import { fitFeatureSpec } from '../models/index.ts'
import { completeConfig, RankingLearner, trainRanker } from './ranking/index.ts'
import { plantedOrder } from './sequence/testing/planted-order.ts'
import { trainSequence } from './sequence/trainer.ts'
import { type WorldSamples, worldSamples } from './testing/world-samples.ts'

const small = { epochs: 1, width: 16, history: 10, network: { hidden: [32, 16] }, admission: 1 } as const
let made: WorldSamples

beforeAll(async () => {
  const script = '../../../scripts/build.js'
  const { build } = (await import(script)) as { build: () => Promise<void> }
  await build() // threads run the bundle
  made = worldSamples({ users: 60, items: 150, days: 20, seed: 'threads' })
})

describe('a ranking model on several threads', () => {
  async function learn(threads: number) {
    const { samples, facts } = made
    const config = completeConfig('bst-isolated', { ...small, requests: 5, impressions: 6 })
    const spec = fitFeatureSpec(samples.header, [samples.request(0).features], { history: 10, width: 16 })
    const learner = await RankingLearner.open(spec, config, facts, { threads })
    const said: number[] = []
    let first: Float32Array | undefined
    let step = 0
    for (const batch of batchesOf(samples, { requests: 5, impressions: 6, history: 10 })) {
      const { loss, losses, norm } = await learner.learn(batch, ++step, 1)
      first ??= learner.learned.dense.gradients.slice()
      said.push(loss, norm, ...losses)
      if (step === 12) break
    }
    await learner.close()
    const { tables, dense } = learner.learned
    const rows = Uint32Array.from({ length: tables.item.rows.count }, (_, row) => row)
    return {
      said,
      first: first as Float32Array,
      weights: dense.weights.slice(),
      items: tables.item.gather(rows).slice(),
    }
  }

  it('learns what one thread learns from a batch, to rounding, and the same bits every time', async () => {
    const alone = await learn(1)
    for (const threads of [2, 3]) {
      const parted = await learn(threads)
      for (const [i, x] of parted.first.entries()) expect(Math.abs(x - (alone.first[i] as number))).toBeLessThan(1e-6)
      for (const [i, x] of parted.said.entries()) {
        const wanted = alone.said[i] as number
        expect(Math.abs(x - wanted)).toBeLessThanOrEqual(1e-4 * Math.abs(wanted))
      }
      expect(await learn(threads)).toEqual(parted)
    }
  })

  it('goes on after a stop to the same bits', async () => {
    const { samples, facts } = made
    const task = { recipe: 'wdl', samples, facts, config: small, threads: 2 } as const
    const whole = await trainRanker(task)
    const folder = fs.mkdtempSync(join(tmpdir(), 'sluice-threads-'))
    let looked = 0
    const signal = { aborted: false }
    Object.defineProperty(signal, 'aborted', { get: () => ++looked > 9 })
    expect((await trainRanker({ ...task, folder, signal: signal as AbortSignal })).done).toBe(false)
    const ended = await trainRanker({ ...task, folder })
    expect(ended.metrics).toEqual(whole.metrics)
    expect(ended.learned.dense.weights).toEqual(whole.learned.dense.weights)
    fs.rmSync(folder, { recursive: true })
  })
})

describe('a sequence model on several threads', () => {
  it('learns what one thread learns, to rounding', async () => {
    const world = plantedOrder()
    const model = { width: 16, length: 16, blocks: 1, heads: 2, expansion: 2, dropout: 0.1 }
    const drawn = { kind: 'sampled', negatives: 20 } as const
    for (const loss of [{ kind: 'full' }, drawn, { ...drawn, hard: 6 }] as const) {
      const recipe = { model, loss, rows: 4, epochs: 1, warmup: 10, averaging: 0, seed: 'toy', validation: 8 }
      const losses = await Promise.all(
        [1, 2].map(async (threads) => {
          const said: number[] = []
          await trainSequence(world, leaveOneOut(world), recipe, {
            threads,
            logUpdates: 1,
            log: (record) => said.push(record.loss),
          })
          return said
        }),
      )
      const [alone, parted] = losses as [number[], number[]]
      expect(alone.length).toBeGreaterThan(10)
      expect(parted.length).toBe(alone.length)
      for (const [i, x] of parted.entries()) expect(Math.abs(x - (alone[i] as number))).toBeLessThan(1e-4)
    }
  })
})
