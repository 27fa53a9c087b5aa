import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import fc from 'fast-check'
import type { Item, SlateRequest } from '../../src/domain/index.ts'
import { catalogue, event, NOW, platform, type TestPlatform } from './platform.ts'

/**
 * What no slate may break, on any surface, page or partial answer. The rules are written here once more, plainly, over
 * plain items: the test shares no code with the filters.
 */
const items = catalogue(400)
const byId = new Map(items.map((item) => [item.id, item]))
const users = Array.from({ length: 12 }, (_, i) => ({
  id: `u${i}`,
  age: i % 3 === 0 ? 15 : 30,
  ...(i % 2 === 0 ? { country: i % 4 === 0 ? 'DE' : 'FR' } : {}),
}))

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

let world: TestPlatform
const seen = new Map<string, Set<string>>()

beforeAll(async () => {
  world = await platform()
  await world.engine.putItems(items)
  await world.engine.putUsers(users)
  const events: object[] = []
  for (const [u, user] of users.entries()) {
    const consumed = new Set<string>()
    for (let i = 0; i < u * 8; i++) {
      const item = `i${(u * 37 + i * 13) % 400}`
      consumed.add(item)
      events.push(
        event(
          ['click', 'watch', 'like', 'not-interested'][i % 4] as string,
          user.id,
          item,
          i % 4 === 1 ? { completion: 0.5 } : {},
        ),
      )
    }
    seen.set(user.id, consumed)
  }
  expect((await world.engine.events(events)).rejected).toEqual([])
})
afterAll(() => world.close())

const request = fc.record(
  {
    surface: fc.constantFrom('home', 'next', 'search'),
    user: fc.option(
      fc.integer({ min: 0, max: 13 }).map((i) => `u${i}`),
      { nil: undefined },
    ),
    limit: fc.integer({ min: 1, max: 40 }),
    item: fc.integer({ min: 0, max: 399 }).map((i) => `i${i}`),
    query: fc.constantFrom('jazz', 'quiet chess', 'bread 12', 'nothing like it'),
    exclude: fc.array(
      fc.integer({ min: 0, max: 399 }).map((i) => `i${i}`),
      { maxLength: 30 },
    ),
    filter: fc.constantFrom(
      undefined,
      { field: 'price', max: 20 },
      {
        any: [
          { field: 'category', in: ['music', 'sky'] },
          { field: 'tag', is: 'calm' },
        ],
      },
    ),
    seed: fc.string({ maxLength: 5 }),
  },
  { requiredKeys: ['surface', 'item', 'query', 'limit', 'exclude', 'seed'] },
)

function allowedBy(filter: SlateRequest['filter'], item: Item): boolean {
  if (filter === undefined) return true
  if (filter.max !== undefined) return (item.price ?? Number.NaN) <= Number(filter.max)
  return ['music', 'sky'].includes(item.categories?.[0] ?? '') || (item.tags?.includes('calm') ?? false)
}

describe('every slate', () => {
  it('holds what may be shown, unseen, unexcluded, allowed, each once over all pages; and is never empty in vain', async () => {
    await fc.assert(
      fc.asyncProperty(request, async (asked) => {
        const wish = { ...asked, at: NOW } as SlateRequest
        const viewer = users.find((user) => user.id === asked.user) ?? {}
        const eligible = items.filter(
          (item) =>
            mayBeShown(item, viewer) &&
            !asked.exclude.includes(item.id) &&
            !(seen.get(asked.user ?? '')?.has(item.id) ?? false) &&
            (asked.surface !== 'next' || item.id !== asked.item) &&
            allowedBy(wish.filter, item),
        )
        const eligibleIds = new Set(eligible.map((item) => item.id))
        const shown = new Set<string>()
        let cursor: string | undefined
        for (let page = 0; page < 3; page++) {
          const slate = await world.engine.slate({ ...wish, ...(cursor ? { cursor } : {}) })
          for (const { item, position } of slate.items) {
            expect(byId.has(item)).toBe(true)
            if (asked.surface === 'search' && item === asked.item) continue // search does not follow an item
            expect(eligibleIds.has(item), `${item} on ${asked.surface}`).toBe(true)
            expect(shown.has(item), `${item} twice`).toBe(false)
            expect(position).toBe(shown.size)
            shown.add(item)
          }
          if (page === 0 && eligible.length > 0) expect(slate.items.length).toBeGreaterThan(0)
          if (page === 0 && asked.surface === 'home')
            expect(slate.items.length).toBe(Math.min(asked.limit, eligible.length))
          cursor = slate.cursor
          if (!cursor) break
        }
      }),
      { numRuns: 150 },
    )
  })

  it('is the same, byte for byte, for an equal state, request, moment and seed', async () => {
    await fc.assert(
      fc.asyncProperty(request, async (asked) => {
        const wish = { ...asked, at: NOW } as SlateRequest
        const bytes = async () => {
          const { stages: _, ...rest } = await world.engine.slate(wish)
          return JSON.stringify(rest)
        }
        expect(await bytes()).toBe(await bytes())
      }),
      { numRuns: 40 },
    )
  })

  it('follows a change at once: an item that is hidden, deleted or out of stock is gone from the next slate', async () => {
    const { engine } = world
    const wish = { surface: 'home', user: 'u0', limit: 3, at: NOW, seed: 'x' }
    const [first, second, third] = (await engine.slate(wish)).items.map((item) => item.item)
    await engine.putItems([{ ...byId.get(first as string), hidden: true }])
    await engine.deleteItem(second as string)
    await engine.putItems([{ ...byId.get(third as string), stock: 0 }])
    const after = (await engine.slate({ ...wish, limit: 200 })).items.map((item) => item.item)
    for (const gone of [first, second, third]) expect(after).not.toContain(gone)
    await engine.putItems([first, second, third].map((id) => byId.get(id as string)))
  })
})
