import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { completeConfig, worthOf } from '../../domain/index.ts'
import { manualClock } from '../../foundation/base/index.ts'
import { createWorld } from '../../world/index.ts'
import { createEngine } from '../create-engine.ts'
import { rungsOf, type RungsReport } from './rungs.ts'

const folder = mkdtempSync(join(tmpdir(), 'sluice-rungs-'))
const data = join(folder, 'world')
const sizes = { users: 40, items: 250, days: 10, events: 5000 }
const world = createWorld({ ...sizes, end: Date.UTC(2026, 5, 1) })
const stages = { retrievalMs: 900, coarseMs: 900, featuresMs: 900, fineMs: 900, rerankMs: 900, marginMs: 0 }
const config = completeConfig({
  budgets: { profile: 'calm', profiles: { calm: { budgetMs: 5000, ...stages } } },
  surfaces: { home: { budgetMs: 5000, explorationSlots: [], pinSlots: [] } },
})
let report: RungsReport
let shown: Map<number, readonly string[]>

beforeAll(async () => {
  const engine = createEngine({ data, config, world: sizes, clock: manualClock(world.end) })
  await engine.open()
  shown = new Map()
  for (let user = 0; user < sizes.users; user++) {
    const slate = await engine.slate({
      surface: 'home',
      user: world.userId(user),
      limit: 20,
      at: world.end,
      seed: 'rungs',
    })
    shown.set(
      user,
      slate.items.map(({ item }) => item),
    )
  }
  await engine.close()
  report = await rungsOf({ data, config, usersMax: 1000 })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const row = (name: string) => report.rows.find((one) => one.name === name)

it('whole slates are worth what the slates of a server are, by the truth of the same world', () => {
  expect(report.measured?.viewers).toBe(40)
  const worths = [...shown].map(([user, items]) => {
    const rows = items.map((item) => world.itemRow(item))
    return world.truth.worth(user, [...rows, ...new Array<number>(20 - rows.length).fill(-1)]).value
  })
  const mean = worths.reduce((sum, value) => sum + value, 0) / worths.length
  expect(mean).toBeGreaterThan(0)
  expect(report.measured?.full).toBeCloseTo(mean, 9)
})

it('each order is forced, and told by the figure of the configuration that it stands for', () => {
  for (const { standing, configured } of report.rows)
    if (standing) expect(configured).toBe(worthOf(config.ladder.quality, standing))
  expect(row('one source down')?.rungs).toEqual({ partial: 40 })
  expect(row('ranker set by hand')).toMatchObject({
    rungs: { degraded: 40 },
    standing: { rung: 'degraded', byHand: true },
  })
  expect(row('order of the coarse model')?.rungs).toEqual({ coarse: 40 })
  expect(row('popular in the country')?.rungs).toEqual({ popular: 40 })
  expect(row('slate kept from before')?.rungs).toHaveProperty('cached')
  expect(row('fine model, features of items and viewers missing')?.rungs).toEqual({ partial: 40 })
  // Nothing is trained: the ranker set by hand is the fine one, and gives the same slates.
  expect(row('ranker set by hand')?.worth?.value).toBe(1)
  const popular = row('popular in the country')?.worth
  expect(popular?.value).not.toBe(1)
  expect(popular?.low).toBeLessThan(popular?.value as number)
})

it('figures for the configuration are rounded down, and none is above the whole', () => {
  const { quality } = report.measured as NonNullable<RungsReport['measured']>
  const floored = (name: string) => Math.min(1, Math.floor(100 * (row(name)?.worth?.value as number)) / 100)
  expect(quality.popular).toBe(floored('popular in the country'))
  expect(quality.retrieval).toBe(floored('order of retrieval'))
  expect(quality.withoutFeatures.degraded).toBe(
    Math.min(floored('degraded model, no features'), floored('degraded model, features of items and viewers missing')),
  )
})

it('without a simulated platform nothing is measured, and the figures of the configuration are told', async () => {
  const own = join(folder, 'own')
  const engine = createEngine({ data: own, config })
  await engine.open()
  await engine.putItems([{ id: 'i1' }])
  await engine.close()
  const told = await rungsOf({ data: own, config })
  expect(told.measured).toBeUndefined()
  expect(told.rows.find(({ name }) => name === 'slate kept from before')).toEqual({
    ...{ name: 'slate kept from before', standing: { rung: 'cached' }, configured: 0.95 },
  })
})
