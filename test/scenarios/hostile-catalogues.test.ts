import { afterEach, describe, expect, it } from 'vitest'
import type { Slate, SlateRequest } from '../../src/domain/index.ts'
import { catalogue, event, NOW, platform, type TestPlatform } from './platform.ts'

let open: TestPlatform | undefined
afterEach(async () => {
  await open?.close()
  open = undefined
})

/** A platform that holds these items. */
async function holding(items: object[]): Promise<TestPlatform> {
  open = await platform()
  expect((await open.engine.putItems(items)).accepted).toBe(items.length)
  return open
}

const surfaces = (item: string): SlateRequest[] => [
  { surface: 'home', user: 'u' },
  { surface: 'home' },
  { surface: 'search', query: 'jazz', user: 'u' },
  { surface: 'continue', user: 'u' },
  { surface: 'next', item, user: 'u' },
]

/** All pages of a scroll. */
async function scroll({ engine }: TestPlatform, request: SlateRequest): Promise<Slate[]> {
  const pages: Slate[] = []
  let cursor: string | undefined
  do {
    const page = await engine.slate(cursor === undefined ? request : { ...request, cursor })
    pages.push(page)
    cursor = page.cursor
  } while (cursor !== undefined && pages.length < 100)
  return pages
}

describe('a catalogue', () => {
  it('of nothing gives empty slates that say so', async () => {
    const { engine } = await holding([])
    for (const request of surfaces('none').slice(0, 4)) {
      const slate = await engine.slate({ ...request, limit: 200 })
      expect(slate).toMatchObject({ rung: 'empty', items: [] })
      expect(slate.cursor).toBeUndefined()
    }
    await expect(engine.slate({ surface: 'next', item: 'none' })).rejects.toMatchObject({ code: 'ERR_ITEM_NOT_FOUND' })
    expect(() => engine.similar('none', 5)).toThrow(/Cannot find item/)
    expect(engine.portfolio().rows.every((row) => row.failed === 0)).toBe(true)
  })

  it('of one item shows it until it is seen, and never after itself', async () => {
    const { engine } = await holding([{ id: 'only', title: 'jazz' }])
    for (const request of surfaces('only').slice(0, 3)) {
      expect((await engine.slate(request)).items.map(({ item }) => item)).toEqual(['only'])
    }
    expect(await engine.slate({ surface: 'next', item: 'only' })).toMatchObject({ rung: 'empty', items: [] })
    await engine.events([event('click', 'u', 'only')])
    expect((await engine.slate({ surface: 'home', user: 'u' })).items).toEqual([])
    expect((await engine.slate({ surface: 'home', user: 'other' })).items).toHaveLength(1)
    expect(engine.similar('only', 5)).toEqual([])
  })

  it('all seen is an empty home, and what was seen is still there where it may be', async () => {
    const items = catalogue(30).map(({ id, title }) => ({ id, title }))
    const { engine } = await holding(items)
    await engine.events(items.map(({ id }) => event('watch', 'u', id, { completion: 0.5 })))
    expect(await engine.slate({ surface: 'home', user: 'u' })).toMatchObject({ rung: 'empty', items: [] })
    expect(await engine.slate({ surface: 'next', user: 'u', item: 'i0' })).toMatchObject({ rung: 'empty', items: [] })
    expect((await engine.slate({ surface: 'continue', user: 'u' })).items.length).toBeGreaterThan(0)
    expect((await engine.slate({ surface: 'home' })).items).toHaveLength(20)
  })

  it('all blocked is empty on every surface, for everyone', async () => {
    const blocks = [
      { hidden: true },
      { flags: ['blocked'] },
      { stock: 0 },
      { expires: NOW - 1 },
      { published: NOW + 1 },
    ]
    const more = [{ ageRating: 18 }, { countries: ['DE'] }, { notCountries: ['NO'] }]
    const items = [...blocks, ...more].map((block, i) => ({ id: `i${i}`, title: 'jazz', ...block }))
    const { engine } = await holding(items)
    for (const request of surfaces('i0')) {
      const slate = await engine.slate({ ...request, context: { country: 'NO', age: 13 } })
      expect(slate).toMatchObject({ rung: 'empty', items: [] })
    }
  })

  it('smaller than the slate is shown whole, once, over all pages', async () => {
    const items = catalogue(37).map(({ id, creator }) => ({ id, creator }))
    const all = new Set(items.map(({ id }) => id))
    const world = await holding(items)
    const [whole, ...none] = await scroll(world, { surface: 'home', limit: 200 })
    expect(new Set(whole?.items.map(({ item }) => item))).toEqual(all)
    expect(none.flatMap(({ items }) => items)).toEqual([])
    const pages = await scroll(world, { surface: 'home', user: 'u', limit: 10 })
    const shown = pages.flatMap(({ items }) => items.map(({ item }) => item))
    expect(shown).toHaveLength(37)
    expect(new Set(shown)).toEqual(all)
    expect(pages.flatMap(({ items }) => items.map(({ position }) => position))).toEqual(shown.map((_, i) => i))
  })

  it('in which everything is alike, or by one creator, still fills the slate', async () => {
    const tags = Array.from({ length: 64 }, (_, i) => `tag ${i}`)
    const items = Array.from({ length: 60 }, (_, i) => ({
      id: `i${i}`,
      title: 'Same',
      creator: 'c',
      categories: ['x'],
      tags,
    }))
    const { engine } = await holding(items)
    await engine.events([event('like', 'u', 'i0')])
    for (const request of [
      { surface: 'home', user: 'u' },
      { surface: 'next', item: 'i0', user: 'u', limit: 20 },
    ]) {
      const slate = await engine.slate(request)
      expect(slate.items).toHaveLength(20)
      expect(new Set(slate.items.map(({ item }) => item)).size).toBe(20)
    }
  })
})
