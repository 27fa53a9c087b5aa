import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Event, Item, User } from '../domain/index.ts'
import { parseEvent, parseItem, parseUser } from '../domain/index.ts'
import { writeJsonl } from './export.ts'
import { folderOf, importAll } from './testing/imported.ts'

describe('the jsonl importer', () => {
  it('tells events, items and users apart and rejects what is none', async () => {
    const text =
      '\ufeff{"item":{"id":"a","title":"A"}}\r\n{"user":{"id":"u"}}\n{"id":"1","kind":"click","user":"u","item":"a","at":5}\n' +
      '\n{"kind":"click","user":"u","item":"a","at":"2024-05-01T00:00:00Z"}\n[1]\nnull\n{"id":\n"text"\n'
    const all = await importAll('jsonl', await folderOf({ 'x.jsonl': text }))
    expect(all.items).toEqual([{ id: 'a', title: 'A' }])
    expect(all.users).toEqual([{ id: 'u' }])
    expect(all.events[0]).toEqual({ id: '1', kind: 'click', user: 'u', item: 'a', at: 5 })
    expect(all.events[1]?.['id']).toMatch(/^[\w-]{16}$/)
    expect(all.rejects.map(({ code, message }) => `${code} ${message.split(':')[0]}`)).toEqual(
      [6, 7, 8, 9].map((line) => `ERR_ROW_JSON x.jsonl line ${line}`),
    )
    expect(all.rows).toBe(8)
  })

  it.each([
    ['{"id":"a","title":"A"}', /^x\.jsonl line 1: .*write it as \{"item":\{\.\.\.\}\}/],
    ['{"id":"u","country":"SE"}', /write it as \{"user":\{\.\.\.\}\}/],
    ['{"id":"e","user":"u","item":"a","at":5}', /an event without a "kind"/],
    ['[{"item":{"id":"a"}}]', /is a JSON array: write each record on a line of its own/],
    ['[', /is a JSON array/],
    ['{"id":', /is not one JSON object/],
  ])('says what to do with the line %s', async (text, says) => {
    const { rejects } = await importAll('jsonl', await folderOf({ 'x.jsonl': `${text}\n` }))
    expect(rejects).toMatchObject([{ message: expect.stringMatching(says) }])
  })

  it('gives each record its place', async () => {
    const folder = await folderOf({ 'x.jsonl': '\n{"item":{"id":"a"}}\n{"user":{"id":"u"}}\n' })
    const { steps } = await importAll('jsonl', folder)
    expect(steps.map((step) => step.put !== 'reject' && step.place?.line)).toEqual([2, 3])
  })

  it('reads the files of a folder with items and users first', async () => {
    const folder = await folderOf({
      'events.jsonl': '{"id":"1","kind":"click","user":"u","item":"a","at":5}\n',
      'items.jsonl': '{"item":{"id":"a"}}\n',
      'users.ndjson': '{"user":{"id":"u"}}\n',
    })
    expect((await importAll('jsonl', folder)).steps.map(({ put }) => put)).toEqual(['item', 'user', 'event'])
    await expect(importAll('jsonl', await folderOf({}))).rejects.toThrow(/\*\.jsonl/)
  })
})

describe('writeJsonl', () => {
  it('writes what reads back as it was, and passes the same checks', async () => {
    const items: Item[] = Array.from({ length: 900 }, (_, i) => ({
      id: `item ${i}`,
      title: `"${i}"\u2028 caf\u00e9 ${'x'.repeat(i % 400)}`,
      categories: ['a', 'b'],
      published: '1931-01-01T00:00:00.000Z',
      attributes: { free: true, price: 1.5 },
    }))
    const users: User[] = [{ id: 'u', age: 30, follows: ['c'] }]
    const events: Event[] = [
      { id: 'e1', kind: 'watch', user: 'u', item: 'item 1', value: 12.5, completion: 0.5, at: 7, receivedAt: 9 },
      { id: 'e2', kind: 'search', query: 'line\nbreak', at: 3, receivedAt: 9 },
    ]
    const writes: string[] = []
    expect(await writeJsonl({ items, users, events }, async (text) => writes.push(text))).toBe(903)
    expect(writes.length).toBeGreaterThan(2)
    const folder = await folderOf({ 'all.jsonl': writes.join('') })
    const all = await importAll('jsonl', folder)
    expect(all.items).toEqual(items)
    expect(all.users).toEqual(users)
    expect(all.events).toEqual(events.map(({ receivedAt: _, ...event }) => event))
    for (const item of all.items) expect(parseItem(item).ok).toBe(true)
    for (const user of all.users) expect(parseUser(user).ok).toBe(true)
    for (const event of all.events) expect(parseEvent(event).ok).toBe(true)
    const again: string[] = []
    const found = { items: all.items as Item[], users: all.users as User[], events: all.events as Event[] }
    await writeJsonl(found, (text) => again.push(text))
    expect(again.join('')).toBe(await readFile(join(folder, 'all.jsonl'), 'utf8'))
    expect(await writeJsonl({}, () => undefined)).toBe(0)
  })
})
