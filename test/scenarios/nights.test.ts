import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { createEngine, type Engine, type EngineOptions, openRegistry } from '../../src/app/index.ts'
import { completeConfig, type ConfigInput } from '../../src/domain/index.ts'
import { HOUR, MINUTE, systemClock } from '../../src/foundation/base/index.ts'

type News = Parameters<NonNullable<EngineOptions['onTraining']>>[0]
type Report = Extract<News, { kind: 'trained' }>['report']

const data = mkdtempSync(join(tmpdir(), 'sluice-nights-'))
/** What a night trains, in its order. */
const MODELS = ['bst-isolated', 'coarse', 'degraded', 'two-tower', 'sequence']
const GATES = ['data', 'drift', 'offline', 'calibration', 'latency', 'parity']
const settings = {
  'bst-isolated': { width: 4, history: 4, epochs: 1 },
  degraded: { width: 4, history: 4, epochs: 1 },
  'two-tower': { width: 8, epochs: 1 },
  sequence: { width: 8, length: 20, epochs: 1 },
}
/** Gates that so small a world passes, whatever the machine does besides. */
const loose = { driftShareMax: 1, offlineMargin: 1, eceMax: 1, latencyMsMax: 10_000 }
/** Time enough that every slate is ranked by the models, whatever the machine does besides. */
const stages = { retrievalMs: 9000, coarseMs: 9000, featuresMs: 9000, fineMs: 9000, rerankMs: 9000, marginMs: 0 }
const calm = {
  surfaces: { home: { budgetMs: 60_000 } },
  budgets: { profile: 'calm', profiles: { calm: { budgetMs: 60_000, ...stages } } },
}
const USERS = 120
/** Slates of a day. */
const SHOWN = 60

/** How much later it is here than elsewhere. */
let shift = 0
const clock = { now: () => systemClock.now() + shift, ticks: () => systemClock.ticks() }
const news: News[] = []
let engine: Engine

/** Intervals go on by themselves, and can be wound forward to the next look for models that are due. */
beforeAll(() => {
  execFileSync(process.execPath, ['scripts/build.js']) // the process that trains runs what is built
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'], shouldAdvanceTime: true })
})
afterAll(async () => {
  await engine.close()
  vi.useRealTimers()
  rmSync(data, { recursive: true, force: true })
})

async function open(learning: ConfigInput['learning']): Promise<void> {
  const config = completeConfig({ ...calm, learning: { eventsMin: 0, settings, ...learning } })
  const onTraining = (one: News) => news.push(one)
  const world = { users: USERS, items: 250, days: 10, events: 10_000 }
  engine = createEngine({ data, config, clock, learn: true, onTraining, world })
  await engine.open()
}

let asked = 0
const nextUser = () => `u${String(asked++ % USERS).padStart(5, '0')}`
const slateFor = (user: string) => engine.slate({ surface: 'home', user, limit: 10 })

/** Waits for a training of so many models; slates go on, and each is whole. */
async function night(models: number): Promise<Report[]> {
  news.length = 0
  for (;;) {
    expect((await slateFor(nextUser())).items).toHaveLength(10)
    const over = news.filter(({ kind }) => kind === 'trained' || kind === 'failed').length
    if (over === models) break
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  expect(news.filter(({ kind }) => kind === 'failed')).toEqual([])
  return news.filter((one) => one.kind === 'trained').map(({ report }) => report)
}

/** Slates that were seen, and every third item of them opened. */
async function day(slates: number): Promise<void> {
  for (let n = 0; n < slates; n++) {
    const user = nextUser()
    const { slate: of, items } = await slateFor(user)
    const about = (kind: string, item: string, position: number) => ({
      ...{ id: `${of}.${kind}.${position}`, kind, user, item, slate: of, surface: 'home', position, at: clock.now() },
    })
    const seen = items.map(({ item, position }) => about('impression', item, position))
    const opened = items.filter((_, i) => i % 3 === n % 3).map(({ item, position }) => about('click', item, position))
    const { accepted } = await engine.events([...seen, ...opened])
    expect(accepted).toBe(seen.length + opened.length)
  }
}

/** Until this version of each serves. */
const servedBy = (version: string) =>
  vi.waitFor(
    () => expect(engine.status().models).toEqual(Object.fromEntries(MODELS.map((model) => [model, version]))),
    { timeout: 60_000, interval: 50 },
  )

const rankedBy = async () => (await slateFor(nextUser())).models
const registry = openRegistry(data)
const parentsOf = (version: string) => MODELS.map((model) => registry.show(model, version).parents)
const promotedOf = (reports: Report[]) => reports.map(({ model, version, promoted }) => [model, version, promoted])
const all = (version: string) => MODELS.map((model) => [model, version, true])

it('trains all models, and again a day later on what was served since, and serves all the while', async () => {
  await open({ gates: loose })
  const first = await night(MODELS.length)
  expect(promotedOf(first)).toEqual(all('000001'))
  for (const { model, version, gates } of first) {
    expect(gates.map(({ gate }) => gate)).toEqual(GATES)
    expect(registry.show(model, version).gates).toEqual(gates)
  }
  expect(parentsOf('000001')).toEqual([[], ['bst-isolated/000001'], [], [], []])
  await servedBy('000001')
  expect(await rankedBy()).toEqual({ coarse: 'coarse/000001', fine: 'bst-isolated/000001' })

  await day(SHOWN)
  shift = 25 * HOUR
  await day(1) // behind it, the outcomes of the day before are whole
  vi.advanceTimersByTime(MINUTE)
  const second = await night(MODELS.length)
  expect(promotedOf(second)).toEqual(all('000002'))
  for (const { model, gates } of second) {
    const offline = gates.find(({ gate }) => gate === 'offline')?.say
    expect(offline).toContain(model === 'coarse' ? 'that are asked for' : 'against live version 000001')
  }
  expect(parentsOf('000002')).toEqual([
    ...[['bst-isolated/000001'], ['bst-isolated/000002'], ['degraded/000001'], ['two-tower/000001']],
    ['sequence/000001'],
  ])
  const { recipe } = registry.show('bst-isolated', '000002').config as { recipe: { served: object } }
  expect(recipe.served).toMatchObject({ found: SHOWN })
  await servedBy('000002')
  expect(await rankedBy()).toEqual({ coarse: 'coarse/000002', fine: 'bst-isolated/000002' })
  expect(engine.status().kept).toEqual({ 'two-tower': '000001' })
})

it('says which gate refused a version, and the one before serves on', async () => {
  await engine.close()
  shift = 50 * HOUR
  await open({ models: ['bst-isolated'], gates: { ...loose, eceMax: 0 } })
  const [report] = await night(1)
  expect(report).toMatchObject({ model: 'bst-isolated', version: '000003', promoted: false })
  const failed = report?.gates.filter(({ pass }) => !pass)
  expect(failed).toMatchObject([{ gate: 'calibration', limit: 0 }])
  expect(failed?.[0]?.say).toContain('predicted probabilities are off by')
  expect(registry.show('bst-isolated', '000003')).toMatchObject({
    state: 'candidate',
    parents: ['bst-isolated/000002'],
  })
  expect(engine.status().models['bst-isolated']).toBe('000002')
  expect(await rankedBy()).toEqual({ coarse: 'coarse/000002', fine: 'bst-isolated/000002' })
})
