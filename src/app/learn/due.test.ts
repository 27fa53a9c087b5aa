import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { completeConfig, type ModelName } from '../../domain/index.ts'
import { DAY, HOUR, manualClock } from '../../foundation/base/index.ts'
import { Registry } from '../../learning/registry/index.ts'
import { due, placed } from './due.ts'

const clock = manualClock(100 * DAY)
let folder: string
let registry: Registry

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-due-'))
  registry = new Registry(folder, clock)
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function trained(model: ModelName, at: number, digest: string, config: object = {}): Promise<void> {
  clock.set(at)
  await registry.draft(model).commit({
    ...{
      kind: 'test',
      parents: [],
      seed: '',
      code: '',
      inputs: [],
      outputs: [],
      config: { ...config },
      metrics: {},
      gates: [],
    },
    data: { from: 0, until: 0, samples: '', examples: 0 },
    features: { names: [], digest },
  })
}

const config = completeConfig()

it('counts the models that have a place in serving, what gains most first', () => {
  expect(placed(config)).toEqual(['bst-isolated', 'coarse', 'degraded', 'two-tower', 'sequence'])
  expect(placed(completeConfig({ ranking: { fine: 'bootstrap', coarse: 'bootstrap' } }))).toEqual([
    'degraded',
    'two-tower',
    'sequence',
  ])
  expect(placed(completeConfig({ learning: { models: ['din'] } }))).toEqual(['din'])
  // A fine ranker from outside teaches no coarse one.
  expect(placed(completeConfig({ ranking: { fine: 'boosted' } }))).toEqual(['degraded', 'two-tower', 'sequence'])
})

it('trains what never was, and again what is a day old, with what is nearly as old', async () => {
  const now = 100 * DAY
  expect(due(config, registry, now, 'f1')).toHaveLength(5)
  await trained('bst-isolated', now, 'f1')
  await trained('coarse', now + HOUR, 'f1')
  await trained('degraded', now + 10 * HOUR, 'f1')
  await trained('two-tower', now + 10 * HOUR, 'f1')
  await trained('sequence', now + HOUR, 'none')
  expect(due(config, registry, now + 23 * HOUR, 'f1')).toEqual([])
  // 24 hours after the first: coarse and sequence are 23 hours old and go along, degraded is 14 hours old.
  expect(due(config, registry, now + DAY, 'f1')).toEqual(['bst-isolated', 'coarse', 'sequence'])
})

it('counts what went on learning from the stream from its training as a whole', async () => {
  const now = 100 * DAY
  const one = completeConfig({ learning: { models: ['din'] } })
  await trained('din', now, 'f1')
  for (const hour of [8, 16, 23]) await trained('din', now + hour * HOUR, 'f1', { trainedAt: now })
  expect(due(one, registry, now + 23 * HOUR, 'f1')).toEqual([])
  expect(due(one, registry, now + DAY, 'f1')).toEqual(['din'])
})

it('never trains again when told so, but for other features', async () => {
  const once = completeConfig({ learning: { everyHours: 0, models: ['din', 'sequence'] } })
  await trained('din', 100 * DAY, 'f1')
  await trained('sequence', 100 * DAY, 'none')
  expect(due(once, registry, 900 * DAY, 'f1')).toEqual([])
  expect(due(once, registry, 100 * DAY, 'f2')).toEqual(['din'])
})
