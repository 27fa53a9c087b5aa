import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { parseEvent, parseItem, parseUser } from '../domain/index.ts'
import { createWorld, type WorldEntry } from './index.ts'

const small = { seed: 'test', users: 300, items: 800, days: 14 }

function digest(values: Iterable<unknown>): string {
  const hash = createHash('sha256')
  for (const value of values) hash.update(JSON.stringify(value))
  return hash.digest('hex')
}

test('every record and event is one the platform accepts', () => {
  const world = createWorld(small)
  for (const item of world.items()) expect(parseItem(item)).toEqual({ ok: true, value: item })
  for (const user of world.users()) expect(parseUser(user)).toEqual({ ok: true, value: user })
  const ids = new Set<string>()
  for (const event of world.history()) {
    const parsed = parseEvent(event)
    if (!parsed.ok) throw new Error(`${parsed.where} ${parsed.why}: ${JSON.stringify(event)}`)
    expect(ids.has(event.id)).toBe(false)
    ids.add(event.id)
  }
})

test('events are as many as wished, within a quarter', () => {
  for (const events of [6000, 18_000, 60_000]) {
    let count = 0
    for (const _ of createWorld({ ...small, events }).history()) count++
    expect(count / events).toBeGreaterThan(0.75)
    expect(count / events).toBeLessThan(1.25)
  }
})

test('entries come in order of time, items and users before the events about them', () => {
  const world = createWorld(small)
  const known = new Set<string>()
  const counts: Record<WorldEntry['type'], number> = { item: 0, user: 0, event: 0 }
  let last = 0
  for (const entry of world.entries()) {
    counts[entry.type]++
    const at = entry.type === 'event' ? (entry.event.at as number) : entry.at
    expect(at).toBeGreaterThanOrEqual(last)
    expect(at).toBeLessThanOrEqual(world.end)
    last = at
    if (entry.type === 'item') known.add(entry.item.id)
    else if (entry.type === 'user') known.add(entry.user.id)
    else {
      expect(known.has(entry.event.user ?? '')).toBe(true)
      if (entry.event.item !== undefined) expect(known.has(entry.event.item)).toBe(true)
      expect(at).toBeGreaterThanOrEqual(world.start)
    }
  }
  expect(counts.item).toBe(800)
  expect(counts.user).toBe(300)
})

test('equal options give equal bytes, another seed gives another world', () => {
  const first = digest(createWorld(small).entries())
  expect(digest(createWorld(small).entries())).toBe(first)
  expect(digest(createWorld({ ...small, seed: 'other' }).entries())).not.toBe(first)
})

test('times are relative to the end', () => {
  const shift = 3_600_000_000
  const world = createWorld(small)
  const later = createWorld({ ...small, end: world.end + shift })
  const a = [...world.items()].map(({ published }) => (published as number) + shift)
  expect([...later.items()].map(({ published }) => published)).toEqual(a)
  expect(later.start - world.start).toBe(shift)
})

test('sizes outside their range are refused with the rule', () => {
  expect(() => createWorld({ users: 0 })).toThrow(RangeError)
  expect(() => createWorld({ items: 1.5 })).toThrow('items must be a whole number from 20 to')
})
