import { relative, sep } from 'node:path'
import { describe, expect, it } from 'vitest'
import { catalogue, event, filesOf, NOW, platform } from './platform.ts'

const items = catalogue(120, 'events').map(({ hidden: _, expires: __, flags: ___, stock: ____, ...item }) => ({
  ...item,
  published: NOW - 1e9,
}))

describe('an event', () => {
  it('counts for the very next slate, once, whatever is sent again', async () => {
    const { engine, close } = await platform()
    await engine.putItems(items)
    const wish = { surface: 'home', user: 'ada', limit: 10, at: NOW, seed: 's' }
    const before = await engine.slate(wish)
    expect(before.personal).toBe(false)
    const target = before.items[0]?.item as string
    const click = event('click', 'ada', target)
    expect(await engine.events([click, click])).toMatchObject({ accepted: 1, duplicate: 1 })
    expect(await engine.events([click])).toMatchObject({ accepted: 0, duplicate: 1 })
    const after = await engine.slate(wish)
    expect(after.personal).toBe(true)
    expect(after.items.map((item) => item.item)).not.toContain(target)
    expect(engine.status().events).toBe(1)
    await close()
  })

  it('survives a restart with the same slates, and a duplicate stays one', async () => {
    const world = await platform()
    await world.engine.putItems(items)
    await world.engine.putUsers([{ id: 'u1', country: 'DE', follows: ['c3'] }])
    const events = Array.from({ length: 300 }, (_, i) =>
      event(['impression', 'click', 'watch', 'like'][i % 4] as string, `u${i % 9}`, `i${(i * 7) % 120}`, {
        at: NOW - (300 - i) * 1000,
        ...(i % 4 === 2 ? { completion: 0.8 } : {}),
      }),
    )
    await world.engine.events(events)
    const ask = async () =>
      Promise.all(
        [1, 2, 3].flatMap((u) =>
          (['home', 'next', 'search'] as const).map(async (surface) => {
            const slate = await world.engine.slate({
              surface,
              user: `u${u}`,
              item: 'i5',
              query: 'jazz',
              at: NOW,
              seed: 's',
              limit: 15,
            })
            return slate.items.map(({ item, score }) => `${item} ${score}`)
          }),
        ),
      )
    await world.restart() // builds what is built from the whole state
    const live = await ask()
    await world.restart()
    expect(await ask()).toEqual(live)
    expect(await world.engine.events([events[0]])).toMatchObject({ duplicate: 1 })
    await world.close()
  })
})

describe('an erased user', () => {
  it('is in no store, memory included, and stays gone after a restart', async () => {
    const world = await platform()
    const { data } = world
    await world.engine.putItems(items)
    await world.engine.putUsers([
      { id: 'erase-me-7', country: 'DE', attributes: { note: 'erase-me-7 likes tea' } },
      { id: 'keep-me' },
    ])
    await world.engine.events([
      ...items.slice(0, 30).map((item) => event('click', 'erase-me-7', item.id)),
      event('click', 'keep-me', 'i1'),
      { id: 'follow-1', kind: 'follow', user: 'erase-me-7', creator: 'c1', at: NOW },
      { id: 'search-1', kind: 'search', user: 'erase-me-7', query: 'jazz', at: NOW },
    ])
    await world.restart() // leaves a snapshot of the state, and takes it
    const slate = await world.engine.slate({ surface: 'home', user: 'erase-me-7', at: NOW })
    const kept = await world.engine.slate({ surface: 'home', user: 'keep-me', at: NOW })
    await new Promise((resolve) => setTimeout(resolve, 300)) // the served log is written behind
    const holding = () =>
      filesOf(data)
        .filter(({ bytes }) => bytes.includes('erase-me-7'))
        .map(({ path }) => path)
    // Journal, served log and snapshot: the search finds what is there.
    expect(holding().map((path) => relative(data, path).split(sep)[0])).toEqual(['cache', 'journal', 'served'])

    const report = await world.engine.eraseUser('erase-me-7')
    // Asked for, and kept for hard times: on two surfaces, and what the warm-up of the start made after items and for searches.
    expect(report.erased).toMatchObject({ profile: true, journal: 33, served: 1, slates: 8 })
    expect(holding()).toEqual([])
    const check = async () => {
      expect(() => world.engine.user('erase-me-7')).toThrow('Cannot find user')
      expect(() => world.engine.explain(slate.slate)).toThrow('Cannot find slate')
      expect(world.engine.explain(kept.slate).user).toBe('keep-me')
      const anonymous = await world.engine.slate({ surface: 'home', at: NOW, seed: 'a', limit: 20 })
      const erased = await world.engine.slate({ surface: 'home', user: 'erase-me-7', at: NOW, seed: 'a', limit: 20 })
      expect(erased.personal).toBe(false)
      expect(new Set(erased.items.map((one) => one.item))).toEqual(new Set(anonymous.items.map((one) => one.item)))
    }
    await check()
    for (const record of [...world.engine.allUsers(), ...world.engine.allEvents()])
      expect(JSON.stringify(record)).not.toContain('erase-me-7')
    await expect(world.engine.events([event('click', 'erase-me-7', 'i1')])).resolves.toMatchObject({
      accepted: 0,
      rejected: [{ code: 'ERR_USER_ERASED' }],
    })
    await world.restart()
    expect(holding()).toEqual([])
    await check()
    await world.close()
  })
})

describe('a user who opts out', () => {
  it('is served like a stranger from then on', async () => {
    const { engine, close } = await platform()
    await engine.putItems(items)
    await engine.events(items.slice(0, 10).map((item) => event('like', 'shy', item.id)))
    expect((await engine.slate({ surface: 'home', user: 'shy', at: NOW })).personal).toBe(true)
    await engine.putUsers([{ id: 'shy', optOut: true }])
    await engine.events([event('like', 'shy', 'i50')])
    const slate = await engine.slate({ surface: 'home', user: 'shy', at: NOW })
    expect(slate.personal).toBe(false)
    expect(engine.user('shy').history).toEqual([])
    await close()
  })
})

describe('a slate', () => {
  it('is explained from the log: parts sum to the score, stages and funnel agree, also after a restart', async () => {
    const world = await platform()
    await world.engine.putItems(items)
    await world.engine.events(items.slice(0, 20).map((item) => event('like', 'ada', item.id)))
    const slate = await world.engine.slate({ surface: 'home', user: 'ada', at: NOW, limit: 8 })
    const explained = world.engine.explain(slate.slate)
    expect(explained.items.map((item) => item.item)).toEqual(slate.items.map((item) => item.item))
    for (const item of explained.items) {
      const sum = Object.values(item.contributions).reduce((total, part) => total + part, 0)
      expect(sum).toBeCloseTo(item.scores.fine, 4)
      expect(Object.keys(item.sources)).toEqual(slate.items.find((one) => one.item === item.item)?.sources)
      expect(Object.keys(item.features).length).toBeGreaterThan(20)
    }
    expect(explained.funnel.at(-1)).toEqual({ step: 'rerank', count: 8 })
    expect(explained.removals['seen']).toBeGreaterThan(0)
    await world.restart()
    expect(world.engine.explain(slate.slate)).toEqual(explained)
    await world.close()
  })
})
