import { execFileSync } from 'node:child_process'
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { completeConfig } from '../../domain/index.ts'
import { createMetrics } from '../../foundation/telemetry/index.ts'
import type { Engine } from '../engine.ts'
import { endShadow, shadowModel } from './shadow.ts'
import { calm } from './testing/calm.ts'
import { ShadowScene, statusOf as statusOfModel } from './testing/shadow-scene.ts'

const scene = new ShadowScene()
const configOf = (shadowShare: number) => calm({ fine: 'boosted', shadowShare })
const config = configOf(1)
const { data, registry } = scene
const metrics = createMetrics({ process: false })

/** Live 000001; 000002 is the same, 000003 ranks the other way round. */
beforeAll(async () => {
  execFileSync(process.execPath, ['scripts/build.js']) // the threads run what is built
  await scene.fill(config)
  for (const weight of [0.7, 0.7, -0.7]) await scene.hand(config, 'boosted', { 'item.popularity': weight })
  await registry.promote('boosted', '000001')
})
afterEach(() => scene.leave())
afterAll(() => scene.remove())

const opened = (share = 1, workers = 0) => scene.open(configOf(share), { metrics, workers })
const statusOf = (engine: Engine) => statusOfModel(engine, 'boosted')
const slates = (engine: Engine, asked?: boolean) => scene.slates(engine, asked)
const { wishes } = scene

const inShadow = (engine: Engine, version: string) =>
  vi.waitFor(() => expect(statusOf(engine)?.version).toBe(version), 60_000)

describe('a version in the shadow', () => {
  it('changes no slate, is alike when it is the same, and other when it ranks the other way round', async () => {
    const without = await opened()
    const expected = await slates(without)
    expect(statusOf(without)).toBeUndefined()
    await without.close()

    const engine = await opened()
    await registry.shadow('boosted', '000002')
    await inShadow(engine, '000002')
    expect(await slates(engine)).toBe(expected)
    await vi.waitFor(() => expect(statusOf(engine)?.compared).toBe(wishes.length), 60_000)
    expect(statusOf(engine)).toMatchObject({ live: 'boosted/000001', failed: 0, figures: { overlap: 1 } })

    await registry.shadow('boosted', '000003')
    await inShadow(engine, '000003')
    expect(await slates(engine)).toBe(expected)
    await vi.waitFor(() => expect(statusOf(engine)?.compared).toBe(wishes.length), 60_000)
    expect(statusOf(engine)?.figures?.overlap).toBeLessThan(0.2)
    expect(statusOf(engine)?.figures?.ms.shadow.p50).toBeGreaterThan(0)
    const samples = await metrics.text()
    expect(samples).toContain('sluice_shadow_slates_total{model="boosted",result="compared"} 24')
  })

  it('is asked for a share of the slates only: 0 is none, and the slates are the same', async () => {
    const engine = await opened(0)
    await registry.shadow('boosted', '000003')
    await inShadow(engine, '000003')
    const none = await slates(engine, false)
    expect(statusOf(engine)).toMatchObject({ compared: 0, skipped: 0, failed: 0 })
    await engine.close()
    expect(await slates(await opened(1))).toBe(none)
  })

  it('scores one slate at a time: what comes meanwhile is skipped and counted, and never waits', async () => {
    const engine = await opened()
    await registry.shadow('boosted', '000002')
    await inShadow(engine, '000002')
    await Promise.all(scene.wishes.map((wish) => engine.slate(wish)))
    await vi.waitFor(() => {
      const { compared = 0, skipped = 0 } = statusOf(engine) ?? {}
      expect(compared + skipped).toBe(wishes.length)
      expect(compared).toBeGreaterThan(0)
    }, 60_000)
  })

  it('is asked by each worker for its own slates, and counted together', async () => {
    const alone = await opened()
    const expected = await slates(alone)
    await alone.close()
    await registry.shadow('boosted', '000003')
    const engine = await opened(1, 2)
    await vi.waitFor(async () => {
      expect(await slates(engine, false)).toBe(expected)
      expect(statusOf(engine)?.compared).toBeGreaterThan(wishes.length)
    }, 60_000)
    const { overlap = 1 } = statusOf(engine)?.figures ?? {}
    expect(overlap).toBeLessThan(0.2)
    expect(engine.status().workers?.threads.every(({ made }) => made > 0)).toBe(true)
  })

  it('is there again after a restart, and ends with its promotion', async () => {
    await registry.shadow('boosted', '000002')
    const engine = await opened()
    await inShadow(engine, '000002')
    await registry.promote('boosted', '000002')
    await vi.waitFor(() => expect(engine.status().models['boosted']).toBe('000002'), 60_000)
    await vi.waitFor(() => expect(engine.status().shadows).toEqual({}), 60_000)
    expect(registry.shadowOf('boosted')).toBeUndefined()
    await registry.rollback('boosted')
    await vi.waitFor(() => expect(engine.status().models['boosted']).toBe('000001'), 60_000)
  })

  it('that is damaged is noted, and serving goes on as it was', async () => {
    const engine = await opened()
    const expected = await slates(engine)
    await registry.shadow('boosted', '000003')
    appendFileSync(join(data, 'models', 'boosted', '000003', 'model.onnx'), 'x')
    await engine.close()
    const again = await opened()
    await vi.waitFor(() => expect(statusOf(again)?.why).toContain('model.onnx'), 60_000)
    expect(await slates(again)).toBe(expected)
    expect(again.status().models['boosted']).toBe('000001')
    const wanted = { kind: 'shadow', subject: 'boosted shadow', say: expect.stringContaining('model.onnx') }
    const noted = () => again.observations().changes // the start and what it found come in either order
    await vi.waitFor(() => expect(noted()).toContainEqual(expect.objectContaining(wanted)), 60_000)
  })
})

describe('putting a version into the shadow', () => {
  it('takes the latest that is not live, and ends when it is told to', async () => {
    await registry.shadow('boosted', '000003').catch(() => undefined) // damaged by now
    const report = await shadowModel(registry, config, 'boosted', '000002')
    expect(report).toEqual({ model: 'boosted', shadow: '000002', live: '000001', share: 1 })
    expect(endShadow(registry, 'boosted', '000002')).toBe('000002')
    expect(registry.show('boosted', '000002').state).toBe('candidate')
  })

  it('refuses what is not there, what is live, and what has no place', async () => {
    const refused = (model: string, version?: string, by = config) =>
      shadowModel(registry, by, model, version).then(
        () => 'taken',
        (error: Error) => error.message,
      )
    expect(await refused('bosted')).toContain('Did you mean "boosted"?')
    expect(await refused('boosted', '000009')).toContain('boosted/000001, 000002, 000003')
    expect(await refused('boosted', '000001')).toContain('it is live')
    expect(await refused('boosted', '000002', completeConfig({ ranking: { fine: 'din' } }))).toContain(
      'ranking.fine is din',
    )
    expect(() => endShadow(registry, 'boosted')).toThrow('no version is in it')
  })
})
