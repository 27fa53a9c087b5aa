import { expect, test } from 'vitest'
import { MINUTE } from '../foundation/base/index.ts'
import { parseEvent, parseItem } from '../domain/index.ts'
import { createWorld, type Reaction } from './index.ts'

const world = createWorld({ seed: 'live', users: 200, items: 300, days: 7 })

/** Drives live users for a while against a platform that shows the same ten items to all. */
function drive(options: { speed?: number; from?: number }, minutes: number): Reaction[] {
  const live = world.live(options)
  const until = (options.from ?? world.end) + minutes * MINUTE
  const items = Array.from({ length: 10 }, (_, position) => ({ item: world.itemId(position * 20), position }))
  const reactions: Reaction[] = []
  for (let ask = live.take(until); ask; ask = live.take(until))
    reactions.push(live.react(ask, { slate: `t${reactions.length}`, surface: ask.surface, items }, ask.at))
  return reactions
}

test('live users ask, look, react with valid events and come again; equal seeds do the same', () => {
  const reactions = drive({}, 60 * 24)
  expect(reactions.length).toBeGreaterThan(50)
  const surfaces = new Set<string>()
  for (const { events, next, returnsAfterMs, clicks } of reactions) {
    let last = 0
    for (const event of events) {
      expect(parseEvent(event).ok).toBe(true)
      expect(event.at as number).toBeGreaterThanOrEqual(last)
      last = event.at as number
    }
    expect(events.filter(({ kind }) => kind === 'click').length).toBe(clicks)
    expect(returnsAfterMs).toBeGreaterThan(0)
    if (!next) continue
    surfaces.add(next.surface)
    if (next.surface === 'next') expect(world.itemRow(next.item ?? '')).toBeGreaterThanOrEqual(0)
    if (next.surface === 'search') expect(next.query).toMatch(/^\w+/)
  }
  expect([...surfaces].sort()).toEqual(['home', 'next', 'search'])
  expect(drive({}, 60 * 24)).toEqual(reactions)
})

test('nobody asks twice before the answer', () => {
  const live = world.live()
  const users = new Set<string>()
  for (let ask = live.take(Number.POSITIVE_INFINITY); ask; ask = live.take(Number.POSITIVE_INFINITY)) {
    expect(users.has(ask.user)).toBe(false)
    users.add(ask.user)
  }
  expect(users.size).toBe(200)
})

test('speed shortens the clock and leaves the seconds watched', () => {
  const live = world.live()
  const fast = world.live({ speed: 100 })
  const items = [...Array(10).keys()].map((position) => ({ item: world.itemId(position), position }))
  for (let user = 0; user < 50; user++) {
    const shown = { slate: `f${user}`, surface: 'home', items }
    const slow = live.react(live.visit(user, world.end), shown, world.end)
    const quick = fast.react(fast.visit(user, world.end), shown, world.end)
    expect(quick.watchSeconds).toBe(slow.watchSeconds)
    expect(Math.abs(quick.returnsAfterMs - slow.returnsAfterMs / 100)).toBeLessThanOrEqual(1)
  }
  expect(() => world.live({ speed: 0 })).toThrow(RangeError)
})

test('what is not of this world is passed over; an empty slate ends nothing but the viewer’s patience', () => {
  const live = world.live()
  const items = ['v99999', 'movie-1', 'u00001', ''].map((item, position) => ({ item, position }))
  const reaction = live.react(live.visit(3, world.end), { slate: 'a', surface: 'home', items }, world.end)
  expect(reaction.events.filter(({ kind }) => kind !== 'search')).toEqual([])
  expect(reaction.returnsAfterMs).toBeGreaterThan(0)
  expect(() => live.react({ ...live.visit(3, 0), user: 'nobody' }, { slate: 'a', surface: 'home', items }, 0)).toThrow(
    RangeError,
  )
})

test('the catalogue grows on after the end', () => {
  const upcoming = [...world.upcoming()]
  expect(upcoming.length).toBe(15)
  let last = world.end
  for (const item of upcoming) {
    expect(parseItem(item).ok).toBe(true)
    expect(item.published as number).toBeGreaterThan(last)
    last = item.published as number
  }
})
