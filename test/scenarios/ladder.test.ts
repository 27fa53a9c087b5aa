import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type FaultName, faultNames, faults, injectionOf } from '../../src/app/index.ts'
import { type Item, type Rung, rungNames, type SlateRequest } from '../../src/domain/index.ts'
import { catalogue, event, NOW, platform, type TestPlatform } from './platform.ts'

/** What no failure may break. The rules of policy are written once more, plainly: the test shares no code with the filters. */
const items = catalogue(400, 'ladder')
const byId = new Map(items.map((item) => [item.id, item]))
const users = Array.from({ length: 8 }, (_, i) => ({
  id: `u${i}`,
  age: i % 3 === 0 ? 15 : 30,
  ...(i % 2 === 0 ? { country: i % 4 === 0 ? 'DE' : 'FR' } : {}),
}))
const seen = new Map<string, Set<string>>()
let world: TestPlatform

beforeAll(async () => {
  world = await platform({ ladder: { faults: true } })
  await world.engine.putItems(items)
  await world.engine.putUsers(users)
  const events: object[] = []
  for (const [u, { id }] of users.entries()) {
    const consumed = new Set<string>()
    for (let i = 0; i < u * 6; i++) {
      const item = `i${(u * 37 + i * 13) % 400}`
      consumed.add(item)
      events.push(event(['click', 'watch', 'like'][i % 3] as string, id, item))
    }
    seen.set(id, consumed)
  }
  await world.engine.events(events)
})
afterAll(() => world.close())

function mayBeShown(item: Item, viewer: { age?: number; country?: string }): boolean {
  return (
    !item.hidden &&
    (item.published as number) <= NOW &&
    (item.expires === undefined || (item.expires as number) > NOW) &&
    !item.flags?.includes('blocked') &&
    (viewer.age ?? 13) >= (item.ageRating ?? 0) &&
    (item.countries === undefined || (viewer.country !== undefined && item.countries.includes(viewer.country))) &&
    item.stock !== 0
  )
}

/** Slow ones wait for real; the others are enough for most runs. */
const quick = faultNames.filter((name) => faults[name].does !== 'slow' && faults[name].does !== 'busy')
const injections = fc
  .uniqueArray(fc.constantFrom(...quick), { maxLength: 5 })
  .chain((names) =>
    fc.tuple(...names.map((name) => fc.constantFrom(0.4, 1).map((probability) => injectionOf(name, probability)))),
  )
const request = fc.record({
  surface: fc.constantFrom('home', 'next', 'search', 'continue'),
  user: fc.option(
    fc.integer({ min: 0, max: 9 }).map((i) => `u${i}`),
    { nil: undefined },
  ), // prettier-ignore
  limit: fc.integer({ min: 1, max: 30 }),
  item: fc.integer({ min: 0, max: 399 }).map((i) => `i${i}`),
  query: fc.constantFrom('jazz', 'quiet chess', 'nothing like it'),
  exclude: fc.array(
    fc.integer({ min: 0, max: 399 }).map((i) => `i${i}`),
    { maxLength: 20 },
  ), // prettier-ignore
  filter: fc.constantFrom(undefined, { field: 'price', max: 20 }),
})
/** How long the request has waited: some get a whole slate, some have no time left for one. */
const waited = fc.constantFrom(0, 0, 50, 99, 500)

async function ask(asked: object, waitedMs = 0) {
  const wish = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined))
  return world.engine.slate({ ...wish, at: NOW } as SlateRequest, waitedMs)
}

describe('whatever fails', () => {
  // First, while no slate is kept from before but those that a scene asks for.
  it.each<[Rung, FaultName[], object]>([
    ['full', [], { surface: 'home' }],
    ['partial', ['source-down'], { surface: 'home' }],
    ['stale', ['features-stale'], { surface: 'home' }],
    ['degraded', ['ranker-down'], { surface: 'home' }],
    ['coarse', ['features-down', 'degraded-down'], { surface: 'next', item: 'i5', user: 'u9' }],
    ['cached', ['retrieval-down'], { surface: 'home' }],
    ['popular', ['retrieval-down'], { surface: 'home', user: 'u9' }],
    ['sweep', [], { surface: 'continue', user: 'u9' }],
  ])('the rung %s is the answer to %j', async (rung, struck, wish) => {
    const asked = { user: 'u5', limit: 10, seed: 'kept', ...wish }
    world.engine.injectFaults([])
    world.clock.advance(20_000)
    if (asked.user === 'u5') expect((await ask(asked)).rung).toBe('full')
    world.engine.injectFaults(struck.map((name) => injectionOf(name)))
    expect((await ask(asked)).rung).toBe(rung)
    world.engine.injectFaults([])
  })

  it('no slate breaks a rule, and none is empty while an item is eligible', async () => {
    await fc.assert(
      fc.asyncProperty(injections, request, waited, async (struck, asked, waitedMs) => {
        world.clock.advance(20_000) // breakers of the run before let a probe through
        world.engine.injectFaults(struck)
        const viewer = users.find((user) => user.id === asked.user) ?? {}
        const slate = await ask(asked, waitedMs)
        const mayStay = (item: Item) =>
          mayBeShown(item, viewer) &&
          !asked.exclude.includes(item.id) &&
          (asked.surface === 'continue' || !(seen.get(asked.user ?? '')?.has(item.id) ?? false)) &&
          (asked.surface !== 'next' || item.id !== asked.item) &&
          (asked.filter === undefined || (item.price ?? Number.NaN) <= 20)
        const shown = slate.items.map(({ item }) => item)
        expect(new Set(shown).size).toBe(shown.length)
        for (const id of shown) expect(mayStay(byId.get(id) as Item), `${id} on ${slate.rung}`).toBe(true)
        if (items.some(mayStay)) expect(shown.length).toBeGreaterThan(0)
        expect(slate.rung === 'empty').toBe(shown.length === 0)
      }),
      { numRuns: 250 },
    )
    world.engine.injectFaults([])
  })

  it.each(faultNames.filter((name) => faults[name].at !== 'slate'))(
    '%s: the slate is no lower than the rung that was designed for it, and whole again afterwards',
    async (name: FaultName) => {
      const wish = { surface: 'home', user: 'u5', limit: 10, seed: 'one' }
      world.clock.advance(20_000)
      expect((await ask(wish)).rung).toBe('full')
      world.engine.injectFaults([injectionOf(name)])
      for (let i = 0; i < (faults[name].does === 'slow' ? 2 : 12); i++) {
        const { rung, items: shown } = await ask(wish)
        expect(rungNames.indexOf(rung), rung).toBeLessThanOrEqual(rungNames.indexOf(faults[name].rung))
        expect(shown).toHaveLength(10)
      }
      world.engine.injectFaults([])
      for (let i = 0; i < 4; i++) {
        world.clock.advance(4_000)
        await ask(wish)
      }
      expect((await ask(wish)).rung).toBe('full')
    },
  )

  it('events are refused while the log is down, nothing of them is kept, and slates go on', async () => {
    const { engine } = world
    const clicked = event('click', 'u1', 'i1')
    const before = engine.status().events
    engine.injectFaults([injectionOf('log-down')])
    await expect(engine.events([clicked])).rejects.toMatchObject({ code: 'ERR_DISK_WRITE', status: 503 })
    expect((await ask({ surface: 'home', user: 'u1' })).items.length).toBeGreaterThan(0)
    engine.injectFaults([])
    expect(engine.status().events).toBe(before)
    expect(await engine.events([clicked])).toMatchObject({ accepted: 1, duplicate: 0 })
  })

  it('what the viewer consumed since is gone from the slate kept from before', async () => {
    const { engine } = world
    const wish = { surface: 'home', user: 'u6', limit: 5, seed: 'kept' }
    world.clock.advance(20_000)
    const whole = await ask(wish)
    expect(whole.rung).toBe('full')
    const first = whole.items[0]?.item as string
    engine.injectFaults([injectionOf('retrieval-down')])
    const kept = await ask(wish, 99)
    expect(kept.rung).toBe('cached')
    expect(kept.items.map(({ item }) => item)).toEqual(whole.items.map(({ item }) => item))
    await engine.events([event('watch', 'u6', first, { completion: 1 })])
    const after = await ask(wish, 99)
    expect(after.items.map(({ item }) => item)).not.toContain(first)
    expect(after.items).toHaveLength(5)
    engine.injectFaults([])
  })

  it('no fault can be injected where they are not allowed', async () => {
    const closed = await platform()
    try {
      expect(closed.engine.faults()).toEqual({ allowed: false, active: [] })
      expect(() => closed.engine.injectFaults([injectionOf('ranker-down')])).toThrow(/ERR_FAULTS_OFF|does not allow/)
    } finally {
      await closed.close()
    }
  })
})
