import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { createEngine, type Engine, openRegistry, train } from '../../src/app/index.ts'
import { completeConfig } from '../../src/domain/index.ts'
import { NOW } from './platform.ts'
import { ITEMS, itemOf, items, opened, registerAgain, towers } from './towers.ts'

const stages = { retrievalMs: 9000, coarseMs: 9000, featuresMs: 9000, fineMs: 9000, rerankMs: 9000, marginMs: 0 }
/** Time enough on any machine. */
const config = completeConfig({
  surfaces: { towers: { ...towers, budgetMs: 60_000 } },
  budgets: { profile: 'calm', profiles: { calm: { budgetMs: 60_000, ...stages } } },
})

const data = mkdtempSync(join(tmpdir(), 'sluice-workers-'))
afterAll(() => rmSync(data, { recursive: true, force: true }))

beforeAll(async () => {
  execFileSync(process.execPath, ['scripts/build.js']) // the threads run what is built
  const engine = createEngine({ data, config })
  await engine.open()
  await engine.putItems(items())
  const events = opened()
  const steps = async function* () {
    for (const value of events) yield { put: 'event' as const, value, rows: 1 }
  }
  expect(await engine.import(steps())).toMatchObject({ accepted: events.length })
  await engine.close()
  await train({ data, config, model: 'two-tower', seed: '1', epochs: 4 })
})

/** Slates of an engine that has the towers in use, before and after an item came that nobody saw. */
async function slatesWith(workers: number) {
  const engine: Engine = createEngine({ data, config, workers })
  await engine.open()
  try {
    const asked = async (user: string) => {
      const { items, models } = await engine.slate({ surface: 'towers', user, at: NOW, seed: 'same', limit: 15 })
      return { items, models }
    }
    const fresh = `i${ITEMS + workers}` // of the kind that the last viewer likes
    const before = await vi.waitFor(async () => {
      const slates = await Promise.all(Array.from({ length: 12 }, (_, u) => asked(`u${u}`)))
      expect(slates.every(({ items }) => items[0]?.sources.includes('two-tower'))).toBe(true) // every thread has it
      return slates
    }, 60_000)
    await engine.putItems([{ ...itemOf(ITEMS, 5), id: fresh, published: new Date(NOW - 1000).toISOString() }])
    await vi.waitFor(async () => expect((await asked('u5')).items.map(({ item }) => item)).toContain(fresh), 60_000)
    await engine.deleteItem(fresh)
    expect((await asked('u5')).items.map(({ item }) => item)).not.toContain(fresh)
    return before
  } finally {
    await engine.close()
  }
}

it('makes the slates of a trained retriever in threads that search the vectors of the one that keeps them', async () => {
  const alone = await slatesWith(0)
  expect(await slatesWith(2)).toEqual(alone)
})

it('takes towers back in every thread, encoder and index together', async () => {
  const registry = openRegistry(data)
  await train({ data, config, model: 'two-tower', seed: 'others', epochs: 2 }) // other weights, other answers
  await registerAgain(registry, '000002', '000001')
  await registry.promote('two-tower', '000001')
  const engine: Engine = createEngine({ data, config, workers: 2 })
  await engine.open()
  try {
    const slates = () =>
      Promise.all(
        Array.from({ length: 12 }, async (_, u) => {
          const { items } = await engine.slate({ surface: 'towers', user: `u${u}`, at: NOW, seed: 'same', limit: 15 })
          return items.map(({ item, sources }) => [item, ...sources])
        }),
      )
    const answered = async (wanted: (one: Awaited<ReturnType<typeof slates>>) => void) =>
      vi.waitFor(async () => {
        const made = await slates()
        expect(made.every(([first]) => first?.includes('two-tower'))).toBe(true)
        wanted(made)
        return made
      }, 60_000)
    await vi.waitFor(() => expect(engine.status().models?.['two-tower']).toBe('000001'), 60_000)
    const first = await answered(() => undefined)
    await registry.promote('two-tower', '000003')
    await vi.waitFor(() => expect(engine.status().kept?.['two-tower']).toBe('000001'), 60_000)
    const second = await answered((made) => {
      for (const [u, one] of made.entries()) expect(one).not.toEqual(first[u])
    })
    await registry.rollback('two-tower')
    await answered((made) => expect(made).toEqual(first))
    await registry.promote('two-tower', '000003')
    await answered((made) => expect(made).toEqual(second))
    expect(engine.status().workers).toMatchObject({ ready: 2, here: 0 })
  } finally {
    await engine.close()
  }
})
