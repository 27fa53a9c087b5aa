import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest'
import type { Slate } from '../../domain/index.ts'
import { createMetrics } from '../../foundation/telemetry/index.ts'
import type { Engine } from '../engine.ts'
import { externalInputs } from './add.ts'
import { shadowModel } from './shadow.ts'
import { calm } from './testing/calm.ts'
import { ShadowScene, statusOf } from './testing/shadow-scene.ts'

/** Few enough pass the coarse rank that it matters who cuts. */
const RANK = 40
/** Of all wishes: enough for the distance of click scores to be told. */
const TIMES = 5
const scene = new ShadowScene()
/** When the fine ranker is down, the degraded one is asked. */
const ladder = { faults: true, quality: { degraded: 1, coarse: 0.5, cached: 0.5 } }
const config = calm({ fine: 'boosted', coarse: 'cutter', degraded: 'lean', shadowShare: 1 }, RANK, ladder)
const others = calm({ fine: 'boosted', coarse: 'other', degraded: 'lean', shadowShare: 1 }, RANK)
const metrics = createMetrics({ process: false })

/** Of each model 000001 is live, 000002 the same, 000003 ranks the other way round; no version of `other` is live. */
beforeAll(async () => {
  await scene.fill(config)
  for (const model of ['boosted', 'cutter', 'lean', 'other'])
    for (const weight of [0.7, 0.7, -0.7]) await scene.hand(config, model, { 'item.popularity': weight })
  for (const model of ['boosted', 'cutter', 'lean']) await scene.registry.promote(model, '000001')
})
afterEach(() => scene.leave())
afterAll(() => scene.remove())

async function inShadow(engine: Engine, model: string, version: string, by = config): Promise<void> {
  await shadowModel(scene.registry, by, model, version)
  await vi.waitFor(() => expect(statusOf(engine, model)?.version).toBe(version), 60_000)
}

const compared = (engine: Engine, model: string, times = 1) =>
  vi.waitFor(() => {
    const status = statusOf(engine, model)
    expect(status?.compared).toBe(times * scene.wishes.length)
    return status
  }, 60_000)

it('cuts in the shadow of the coarse ranker what that was given, and changes no slate', async () => {
  const without = await scene.open(config)
  const expected = await scene.slates(without)
  await without.close()

  const engine = await scene.open(config, { metrics })
  await inShadow(engine, 'cutter', '000002')
  for (let n = 0; n < TIMES; n++) expect(await scene.slates(engine)).toBe(expected)
  const same = await compared(engine, 'cutter', TIMES)
  expect(same).toMatchObject({ live: 'cutter/000001', failed: 0, figures: { overlap: 1, kept: 1, psi: { value: 0 } } })
  expect(same?.figures?.ms.live.p50).toBeGreaterThan(0)

  await inShadow(engine, 'cutter', '000003')
  expect(await scene.slates(engine)).toBe(expected)
  const other = await compared(engine, 'cutter')
  expect(other?.figures?.overlap).toBeLessThan(0.2)
  expect(other?.figures?.kept).toBeLessThan(0.2) // it cuts what the fine ranker likes best
  await vi.waitFor(async () => expect(await metrics.text()).toMatch(/sluice_shadow_kept\{model="cutter"\} 0/), 60_000)
})

it('asks beside it the one in the shadow of who ranks, about the same slates', async () => {
  const engine = await scene.open(config)
  await inShadow(engine, 'cutter', '000002')
  await inShadow(engine, 'boosted', '000003')
  await scene.slates(engine)
  expect((await compared(engine, 'cutter'))?.figures).toMatchObject({ overlap: 1, kept: 1 })
  const fine = (await compared(engine, 'boosted'))?.figures
  expect(fine?.overlap).toBeLessThan(1)
  expect(fine).not.toHaveProperty('kept') // it cuts nothing
})

it('counts as kept what the live one has cut to, not what passes any cut', async () => {
  // It likes best what the coarse ranker likes least: fresh items, which have places of their own.
  await scene.hand(config, 'turned', { 'item.popularity': -0.7 })
  const turned = calm({ fine: 'turned', coarse: 'cutter', degraded: 'lean', shadowShare: 1 }, RANK)
  await scene.registry.promote('turned', '000001')
  const engine = await scene.open(turned)
  await inShadow(engine, 'cutter', '000002', turned)
  await scene.slates(engine)
  expect((await compared(engine, 'cutter'))?.figures).toMatchObject({ overlap: 1, kept: 1 })
})

it('reads itself what nobody has read, where rules set by hand cut', async () => {
  const engine = await scene.open(others)
  const keptBy = async (version: string) => {
    await inShadow(engine, 'other', version, others)
    await scene.slates(engine)
    const status = await compared(engine, 'other')
    expect(status).toMatchObject({ live: 'bootstrap', failed: 0 })
    expect(status?.figures).not.toHaveProperty('psi') // rules predict no clicks
    return status?.figures?.kept ?? Number.NaN
  }
  const [alike, reversed] = [await keptBy('000002'), await keptBy('000003')]
  expect(alike).toBeGreaterThan(0.9)
  expect(reversed).toBeLessThan(0.5)
})

it('cuts by a model of all features as by one of those that count, live and in the shadow', async () => {
  const { features } = externalInputs(config)
  const weights = features.columns.map((column) => [column, column === 'item.popularity' ? 0.7 : 0] as const)
  await scene.hand(config, 'other', Object.fromEntries(weights))
  await scene.registry.promote('other', '000004')
  const itemsOf = async (engine: Engine) => {
    const slates = JSON.parse(await scene.slates(engine)) as Slate[]
    return slates.map(({ items }) => items.map(({ item }) => item))
  }
  const few = await scene.open(config)
  const expected = await itemsOf(few)
  await few.close()
  const all = await scene.open(others)
  expect(all.status().models['other']).toBe('000004')
  await inShadow(all, 'other', '000002', others)
  expect(await itemsOf(all)).toEqual(expected)
  expect((await compared(all, 'other'))?.figures).toMatchObject({ overlap: 1, kept: 1 })
})

it('asks the one in the shadow of the degraded model when that has ranked, and only then', async () => {
  const engine = await scene.open(config)
  await inShadow(engine, 'lean', '000003')
  await scene.slates(engine, false)
  expect(statusOf(engine, 'lean')).toMatchObject({ compared: 0, skipped: 0, failed: 0 })

  engine.injectFaults([{ fault: 'ranker-down', probability: 1, ms: 0 }])
  const [slate] = JSON.parse(await scene.slates(engine))
  expect(slate).toMatchObject({ rung: 'degraded', models: { fine: 'lean/000001' } })
  const reversed = await compared(engine, 'lean')
  expect(reversed).toMatchObject({ live: 'lean/000001', failed: 0 })
  expect(reversed?.figures?.overlap).toBeLessThan(1)
  await inShadow(engine, 'lean', '000002')
  await scene.slates(engine)
  expect((await compared(engine, 'lean'))?.figures?.overlap).toBe(1)
})
