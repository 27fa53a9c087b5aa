import { mkdtempSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createEngine, evaluate, openRegistry, type TrainReport, train } from '../../src/app/index.ts'
import { TwoTowerEncoder } from '../../src/learning/models/index.ts'
import { completeConfig } from '../../src/domain/index.ts'
import { DAY } from '../../src/foundation/base/index.ts'
import { NOW, type TestPlatform, platform } from './platform.ts'
import { itemOf, items, opened, registerAgain, towers } from './towers.ts'

/** What is judged here is what was learnt, not how busy the machine is. */
const config = completeConfig({ surfaces: { towers }, learning: { gates: { latencyMsMax: 1000 } } })

const data = mkdtempSync(join(tmpdir(), 'sluice-towers-'))
let world: TestPlatform
let report: TrainReport
afterAll(async () => {
  await world.close()
  rmSync(data, { recursive: true, force: true })
})

beforeAll(async () => {
  const engine = createEngine({ data, config, clock: { now: () => NOW, ticks: () => performance.now() } })
  await engine.open()
  await engine.putItems(items())
  expect((await engine.events(opened())).rejected).toEqual([])
  await engine.close()
  report = await train({ data, config, model: 'two-tower', seed: '1', epochs: 4 })
  world = await platform({ surfaces: { towers } }, data)
  await vi.waitFor(() => expect(world.engine.status().models?.['two-tower']).toBe('000001'), 60_000)
})

const slateOf = async (changes: object) =>
  (await world.engine.slate({ surface: 'towers', user: 'u0', ...changes })).items
const shareOf = (items: Awaited<ReturnType<typeof slateOf>>, category: number) =>
  items.filter((item) => item.categories?.[0] === `kind ${category}`).length / items.length

describe('two towers on a folder', () => {
  it('are trained, judged and live when every gate passed', () => {
    expect(report.gates.map(({ gate, pass }) => [gate, pass])).toEqual(
      ['data', 'drift', 'offline', 'calibration', 'latency', 'parity'].map((gate) => [gate, true]),
    )
    expect(report.gates.find(({ gate }) => gate === 'latency')?.limit).toBe(1000) // as configured
    expect(report.promoted).toBe(true)
    // Eight of a viewer's kind are left among 110 items: by popularity, one in fourteen is among the first ten.
    expect(report.metrics['recall@10']).toBeGreaterThan(0.5)
    expect(report.metrics['ndcg@10']).toBeGreaterThan(2 * (report.metrics['ndcg@10 of popularity'] ?? 1))
  })

  it('have a row of their own where leave-one-out asks for nothing they learnt, and none elsewhere', async () => {
    const { rows, notes } = await evaluate({ data, config, protocol: 'leave-one-out', surface: 'towers' })
    const recall = (name: string) => rows.find((row) => row.name === name)?.metrics['recall@10']?.value ?? 0
    expect(recall('two-tower')).toBeGreaterThan(3 * recall('popularity'))
    expect(notes.join()).toContain('two-tower model 000001 has not learnt the last 2 items')
    const other = await evaluate({ data, config, protocol: 'time-split', surface: 'towers' })
    expect(other.rows.map(({ name }) => name)).not.toContain('two-tower')
  })

  it('are swapped between two requests; a damaged version leaves the one before', async () => {
    const registry = openRegistry(data)
    await registerAgain(registry, '000001')
    const before = (await slateOf({ seed: 's' })).map(({ item }) => item)
    await registry.promote('two-tower', '000002')
    const inUse = () => world.engine.status().models?.['two-tower']
    const answered = await expect.poll(async () => [inUse(), (await slateOf({ seed: 's' })).length])
    await answered.toEqual(['000002', before.length])
    expect((await slateOf({ seed: 's' })).map(({ item }) => item)).toEqual(before)
    truncateSync(join(registry.folder, 'two-tower', '000002', 'item.embeddings'), 64)
    await world.restart()
    await expect.poll(inUse).toBe('000001') // nobody waited for it
    expect((await slateOf({ seed: 's' })).map(({ item }) => item)).toEqual(before)
  })

  it('are taken back whole, with what came meanwhile, also after a restart; for a day', async () => {
    await train({ data, config, model: 'two-tower', seed: 'others', epochs: 2 }) // other weights, other answers
    const registry = openRegistry(data)
    await registerAgain(registry, '000003', '000001')
    await registry.promote('two-tower', '000001')
    await world.restart() // whatever it has seen of the training
    const inUse = () => world.engine.status().models?.['two-tower']
    await expect.poll(inUse).toBe('000001')
    const atHand = () => world.engine.status().kept?.['two-tower']
    const namesOf = async (n: number) => (await slateOf({ user: `u${n}`, seed: 's' })).map(({ item }) => item)
    const all = () => Promise.all(Array.from({ length: 12 }, (_, n) => namesOf(n)))
    const opening = vi.spyOn(TwoTowerEncoder, 'open')
    try {
      const first = await all()
      await registry.promote('two-tower', '000004')
      await expect.poll(inUse).toBe('000004')
      expect(opening).toHaveBeenCalledTimes(1)
      const second = await all()
      expect(second).not.toEqual(first)
      expect(atHand()).toBe('000001')

      await world.engine.putItems([itemOf(950, 0)])
      await expect.poll(() => namesOf(0), { timeout: 2000, interval: 10 }).toContain('i950')
      await registry.rollback('two-tower')
      await expect.poll(inUse, { interval: 5 }).toBe('000001')
      expect(await namesOf(0)).toContain('i950') // its vector by these towers was there before they came back
      await world.engine.deleteItem('i950')
      expect(await all()).toEqual(first)
      expect(atHand()).toBe('000004')

      await registry.promote('two-tower', '000004')
      await expect.poll(inUse).toBe('000004')
      expect(await all()).toEqual(second)
      expect(opening).toHaveBeenCalledTimes(1) // nothing was loaded, encoded or built on the way
      await world.restart()
      await expect.poll(inUse).toBe('000004')
      await expect.poll(atHand).toBe('000001')
      opening.mockClear()
      await registry.rollback('two-tower')
      await expect.poll(inUse).toBe('000001')
      expect(await all()).toEqual(first)
      expect(opening).not.toHaveBeenCalled()
      world.clock.advance(DAY + 1)
      await expect.poll(atHand).toBeUndefined()
      world.clock.advance(-DAY - 1)
    } finally {
      opening.mockRestore()
    }
  })

  it('propose what the viewer likes, and go by the item that a stranger follows', async () => {
    expect(shareOf(await slateOf({}), 0)).toBe(8 / 15) // all that are left of the kind
    const followed = (await world.engine.slate({ surface: 'towers', item: 'i4' })).items
    expect(shareOf(followed, 4)).toBeGreaterThan(0.7)
    expect(followed.map(({ item }) => item)).not.toContain('i4')
  })

  it('find a new item at once, in its place; move a changed one; forget a deleted one', async () => {
    await world.engine.putItems([itemOf(900, 0), itemOf(901, 3)])
    const find = async (id: string) => (await slateOf({})).findIndex(({ item }) => item === id)
    await expect.poll(() => find('i900'), { timeout: 1000, interval: 10 }).toBeGreaterThanOrEqual(0)
    expect(await find('i901')).toBe(-1)
    await world.engine.putItems([{ ...itemOf(901, 0), title: 'Item 901, of another kind' }])
    await expect.poll(() => find('i901'), { timeout: 1000, interval: 10 }).toBeGreaterThanOrEqual(0)
    await world.engine.deleteItem('i900')
    expect(await find('i900')).toBe(-1)
  })

  it('know nothing of a viewer who opted out', async () => {
    await world.engine.putUsers([{ id: 'u1', optOut: true }])
    const anonymous = (await world.engine.slate({ surface: 'towers', seed: 's' })).items
    expect((await slateOf({ user: 'u1', seed: 's' })).map(({ item }) => item)).toEqual(
      anonymous.map(({ item }) => item),
    )
  })
})
