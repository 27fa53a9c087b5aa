import fs from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { completeConfig, type ModelName } from '../../domain/index.ts'
import { Registry } from '../../learning/registry/index.ts'
import type { RunPoint } from '../../learning/training/index.ts'
import type { Progress } from '../engine.ts'
import { folderOf } from '../folder.ts'
import { listRuns, plotRun, showRun } from './runs.ts'
import { type WorldFolder, worldFolder } from './testing/world-folder.ts'
import { train } from './train.ts'

const EPOCHS = 2
const RIVALS = ['popularity', 'item-kNN'].flatMap((name) => [`ndcg@10 of ${name}`, `recall@100 of ${name}`])
const config = completeConfig()
let folder: WorldFolder

beforeAll(async () => {
  folder = await worldFolder({ users: 80, items: 150, days: 8, events: 9000, seed: 'sweep test' })
  await folder.write(folder.entries)
})
afterAll(() => folder.remove())

function pointsOf(run: string): readonly RunPoint[] {
  const shown = showRun(folder.data, run)
  return shown.kind === 'training' ? shown.points : []
}

test.each<[ModelName, string]>([
  ['sequence', 'ndcg@10'],
  ['two-tower', 'recall@100'],
])('the training of %s tells loss and time left, and its version keeps the record', async (model, figure) => {
  const { data } = folder
  const told: Progress[] = []
  const onProgress = (progress: Progress) => told.push(progress)
  const report = await train({ data, config, model, epochs: EPOCHS, onProgress })
  const { version, metrics, examples } = report
  const run = `${model}/${version}`
  expect(listRuns(data)).toContainEqual(expect.objectContaining({ run, state: 'done' }))
  const points = pointsOf(run)
  const validations = points.filter(({ phase }) => phase === 'validate')
  expect(validations.map(({ epoch }) => epoch)).toEqual([1, 2])
  // Be it ever so short: every epoch has a point on the curve.
  expect(new Set(points.filter(({ phase }) => phase === 'train').map(({ epoch }) => epoch))).toEqual(new Set([1, 2]))
  expect(points.every(({ loss }) => loss > 0)).toBe(true)
  expect(validations.every((point) => point.metrics?.[figure] !== undefined)).toBe(true)
  for (const name of [figure, 'ndcg@10', 'recall@100', ...RIVALS]) {
    const [low, value, high] = [`${name}.low`, name, `${name}.high`].map((one) => metrics[one] ?? Number.NaN)
    expect(low).toBeLessThanOrEqual(value as number)
    expect(high).toBeGreaterThanOrEqual(value as number)
  }
  expect(report.gates.find(({ gate }) => gate === 'offline')?.say).toMatch(/against popularity.*; item-kNN has 0\.\d+/)
  expect(new Registry(folderOf(data).models).show(model, version).metrics).toEqual(metrics)
  expect(validations.every((point) => point.metrics?.[`${figure}.low`] !== undefined)).toBe(true)
  expect(points.at(-1)?.step).toBe(points.at(-1)?.steps)
  expect(showRun(data, run)).toMatchObject({ end: { name: model, metrics, done: true } })
  expect(examples).toBeGreaterThan(0)
  expect(plotRun(data, run)).toContain(`${figure} on the validation part`)
  expect(fs.readdirSync(join(folderOf(data).models, model, version))).toContain('loss.svg')
  expect(fs.existsSync(join(folderOf(data).models, '.work', model))).toBe(false)

  const learning = told.filter(({ loss }) => loss !== undefined)
  expect(learning.map(({ phase }) => phase)).toContain(`${model}: epoch 2 of ${EPOCHS}`)
  expect(learning.at(-1)).toMatchObject({ secondsLeft: 0, metric: { name: figure } })
  expect(learning.every(({ secondsLeft = -1 }) => secondsLeft >= 0)).toBe(true)
})

test('retrieval models go by the settings of the configuration, and by those they are given before them', async () => {
  const { data } = folder
  const registry = new Registry(folderOf(data).models)
  const settings = {
    sequence: { width: 16, length: 32, blocks: 1, heads: 4, dropout: 0, epochs: 1 },
    'two-tower': {
      width: 16,
      'network.blocks': 0,
      'network.units': 16,
      logQ: false,
      uniform: 0.5,
      history: 6,
      epochs: 1,
    },
  }
  const chosen = completeConfig({ learning: { settings } })
  const sequence = await train({ data, config: chosen, model: 'sequence', settings: { rate: 0.01, heads: 2 } })
  const made = registry.show('sequence', sequence.version).config
  const model = { width: 16, length: 32, blocks: 1, heads: 2, dropout: 0 }
  expect(made).toMatchObject({ model, recipe: { model, rate: 0.01, epochs: 1 } })
  expect(sequence.gates.find(({ gate }) => gate === 'parity')?.pass).toBe(true)

  const towers = await train({ data, config: chosen, model: 'two-tower', settings: { batch: 64, patience: 1 } })
  const { recipe } = registry.show('two-tower', towers.version).config
  expect(recipe).toMatchObject({
    ...{ width: 16, logQ: false, history: 6, epochs: 1, patience: 1 },
    ...{ batch: 64, uniform: 32, network: { blocks: 0, units: 16 } },
  })
  expect(towers.gates.find(({ gate }) => gate === 'parity')?.pass).toBe(true)
  await expect(train({ data, config, model: 'two-tower', settings: { width: 10 } })).rejects.toMatchObject({
    code: 'ERR_SWEEP_SPACE',
    message: expect.stringContaining('width must be a multiple of 4'),
  })
})

test('a training that was stopped goes on in the same record', async () => {
  const { data } = folder
  const stop = new AbortController()
  const onProgress = ({ metric }: Progress) => {
    if (metric !== undefined) stop.abort()
  }
  const asked = { data, config, model: 'sequence', epochs: 3, seed: 'stopped' } as const
  const stopped = train({ ...asked, onProgress, signal: stop.signal })
  await expect(stopped).rejects.toMatchObject({ code: 'ERR_TRAIN_STOPPED' })
  expect(listRuns(data)[0]).toMatchObject({ run: 'sequence/now', state: 'under way' })
  const before = pointsOf('sequence/now')
  const { version } = await train(asked)
  const points = pointsOf(`sequence/${version}`)
  expect(points.slice(0, before.length)).toEqual(before)
  expect(points.filter(({ phase }) => phase === 'validate').map(({ epoch }) => epoch)).toEqual([1, 2, 3])

  // Of another seed it begins anew, and so does its record.
  const other = new AbortController()
  const until = ({ phase }: Progress) => {
    if (phase.includes('epoch 2')) other.abort()
  }
  const first = train({ ...asked, onProgress: until, signal: other.signal })
  await expect(first).rejects.toMatchObject({ code: 'ERR_TRAIN_STOPPED' })
  expect(pointsOf('sequence/now').at(-1)?.epoch).toBe(2)
  const anew = await train({ ...asked, epochs: 1, seed: 'other' })
  expect(pointsOf(`sequence/${anew.version}`).every(({ epoch }) => epoch === 1)).toBe(true)
})
