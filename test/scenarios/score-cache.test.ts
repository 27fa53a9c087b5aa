import { afterAll, beforeAll, expect, it } from 'vitest'
import type { SlateRequest } from '../../src/domain/index.ts'
import { catalogue, event, type TestPlatform, platform } from './platform.ts'

/** Every fourth place is drawn by lot. */
const surfaces = { home: { limit: 12, explorationSlots: [3, 7, 11] } }
const ageMs = 1000

let world: TestPlatform
beforeAll(async () => {
  world = await platform({ surfaces, ranking: { scoreCache: { entries: 4, ageMs } } })
  const items = catalogue(400)
  await world.engine.putItems(items)
  const clicks = Array.from({ length: 300 }, (_, i) => event('click', `u${i % 30}`, `i${(i * 7) % 400}`))
  await world.engine.events(clicks)
})
afterAll(() => world.close())

const ask = async (request: Partial<SlateRequest> = {}) => {
  const slate = await world.engine.slate({ surface: 'home', ...request })
  const kept = slate.stages.some(({ stage }) => stage === 'kept')
  const scores = new Map(slate.items.map(({ item, score }) => [item, score]))
  return { ...slate, kept, scores, shown: slate.items.map(({ item }) => item) }
}

it('scores the first page of strangers once, and draws the lots of each', async () => {
  const first = await ask()
  const others = await Promise.all(Array.from({ length: 6 }, () => ask()))
  expect(first.kept).toBe(false)
  expect(others.every(({ kept }) => kept)).toBe(true)
  expect(new Set(others.map(({ rung }) => rung))).toEqual(new Set(['full']))
  const lots = others.map(({ items }) =>
    items
      .filter(({ explored }) => explored)
      .map(({ item }) => item)
      .join(),
  )
  expect(new Set(lots).size).toBeGreaterThan(1)
  // Of the items that both show, the scores are the very same.
  for (const other of others)
    for (const [item, score] of other.scores) expect([score, first.scores.get(item) ?? score]).toEqual([score, score])
  expect(others.every(({ items }) => items.every(({ propensity }) => propensity > 0 && propensity <= 1))).toBe(true)
})

it('keeps apart what depends on something else', async () => {
  await ask()
  for (const context of [{ country: 'DE' }, { age: 9 }, { device: 'tv' }])
    expect((await ask({ context })).kept).toBe(false)
  expect((await ask({ surface: 'search', query: 'quiet jazz' })).kept).toBe(false)
  expect((await ask({ surface: 'search', query: 'Quiet jazz' })).kept).toBe(true)
  expect((await ask({ surface: 'search', query: 'bright jazz' })).kept).toBe(false)
})

it('serves nobody from it who is known, narrows, turns the page, or asks for the very same', async () => {
  const first = await ask()
  expect((await ask()).kept).toBe(true)
  const others: Partial<SlateRequest>[] = [
    { user: 'u1' },
    { seed: 's' },
    { at: new Date(world.clock.now()).toISOString() },
    { exclude: [first.shown[0] as string] },
    { filter: { field: 'price', max: 40 } },
    { cursor: first.cursor as string },
  ]
  for (const other of others) expect([other, (await ask(other)).kept]).toEqual([other, false])
})

it('counts the next event of a viewer at once', async () => {
  await ask({ user: 'fresh' }) // not known yet: a stranger
  expect((await ask({ user: 'fresh' })).kept).toBe(true)
  await world.engine.events([event('click', 'fresh', 'i3')])
  const next = await ask({ user: 'fresh' })
  expect([next.kept, next.personal]).toEqual([false, true])
  expect(next.shown).not.toContain('i3')
})

it('shows nothing that is gone or forbidden by now, and forgets with age', async () => {
  const { shown } = await ask()
  await world.engine.deleteItem(shown[0] as string)
  const known = world.engine.item(shown[1] as string)
  await world.engine.putItems([{ ...known, flags: ['blocked'] }])
  const after = await ask()
  expect(after.kept).toBe(true)
  expect(after.items.length).toBe(12)
  expect(after.shown).not.toContain(shown[0])
  expect(after.shown).not.toContain(shown[1])
  world.clock.advance(ageMs)
  expect((await ask()).kept).toBe(false)
})
