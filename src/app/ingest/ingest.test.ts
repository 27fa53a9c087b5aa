import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it, vi } from 'vitest'
import { completeConfig } from '../../domain/index.ts'
import { SluiceError } from '../../foundation/base/index.ts'
import { EventLog } from '../../stream/events/index.ts'
import { createEngine } from '../create-engine.ts'
import type { Engine } from '../engine.ts'

const open: { engine: Engine; data: string }[] = []
afterEach(async () => {
  for (const { engine, data } of open.splice(0)) {
    await engine.close()
    rmSync(data, { recursive: true, force: true })
  }
})

async function engineWith(events: { pendingMax?: number; attributesMax?: number }): Promise<Engine> {
  const data = mkdtempSync(join(tmpdir(), 'sluice-ingest-'))
  const engine = createEngine({ data, config: completeConfig({ events }) })
  open.push({ engine, data })
  await engine.open()
  return engine
}

const click = (n: number, item = `i${n % 40}`) => ({ id: `e${n}`, kind: 'click', user: 'u1', item, at: Date.now() })
const many = <T>(count: number, one: (n: number) => T) => Array.from({ length: count }, (_, n) => one(n))

it('takes a batch that is larger than the queue for the disk, and counts all of it once', async () => {
  const engine = await engineWith({ pendingMax: 100 })
  const items = await engine.putItems(many(400, (n) => ({ id: `i${n}` })))
  expect(items).toEqual({ accepted: 400, added: 400, changed: 0, unchanged: 0, rejected: [] })
  expect(await engine.events(many(1000, (n) => click(n)))).toMatchObject({ accepted: 1000, duplicate: 0 })
  expect(await engine.events(many(1200, (n) => click(n)))).toMatchObject({ accepted: 200, duplicate: 1000 })
  expect(engine.status()).toMatchObject({ items: 400, events: 1200 })
})

it('names what it turns away by its place in the whole batch', async () => {
  const engine = await engineWith({ pendingMax: 200_000 })
  const records = many(170, (n) => ({ id: n === 163 ? '' : `i${n}` }))
  expect((await engine.putItems(records)).rejected.map(({ index }) => index)).toEqual([163])
  const events = many(230, (n) => click(n, n === 7 || n === 222 ? 'nowhere' : undefined))
  const { accepted, rejected } = await engine.events(events)
  expect(accepted).toBe(228)
  expect(rejected.map(({ index, code }) => [index, code])).toEqual([
    [7, 'ERR_ITEM_UNKNOWN'],
    [222, 'ERR_ITEM_UNKNOWN'],
  ])
})

it('lets a small batch pass one that is under way', async () => {
  const engine = await engineWith({ pendingMax: 200_000 })
  await engine.putItems(many(40, (n) => ({ id: `i${n}` })))
  const ended: string[] = []
  const big = engine.events(many(20_000, (n) => click(n))).then(() => ended.push('big'))
  await new Promise((resolve) => setImmediate(resolve))
  const small = engine.events([click(99_999)]).then(() => ended.push('small'))
  await Promise.all([big, small])
  expect(ended).toEqual(['small', 'big'])
})

it('counts what was added, changed and there just so', async () => {
  const engine = await engineWith({ pendingMax: 200_000 })
  const one = { id: 'a', title: 'One' }
  expect(await engine.putItems([one])).toMatchObject({ accepted: 1, added: 1, changed: 0, unchanged: 0 })
  const report = await engine.putItems([one, { id: 'b' }, { id: 'b', title: 'Two' }, { id: '' }])
  expect(report).toMatchObject({ accepted: 3, added: 1, changed: 1, unchanged: 1 })
  expect(await engine.putUsers([{ id: 'u' }, { id: 'u', age: 30 }])).toMatchObject({ added: 1, changed: 1 })
})

it('keeps the last put of an id, also when that is what was there before the batch', async () => {
  const engine = await engineWith({ pendingMax: 200_000 })
  const [one, two] = [
    { id: 'a', title: 'One' },
    { id: 'a', title: 'Two' },
  ]
  await engine.putItems([one])
  await engine.putItems([two, one])
  expect(engine.item('a').title).toBe('One')
  await Promise.all([engine.deleteItem('a'), engine.putItems([one])])
  expect(engine.item('a').title).toBe('One')
})

it('counts an event once whose batch held another that the disk then refused to its first sender', async () => {
  const engine = await engineWith({ pendingMax: 200_000 })
  await engine.putItems(many(40, (n) => ({ id: `i${n}` })))
  await engine.events([click(1)])
  const { flushed } = EventLog.prototype
  const refusing = vi.spyOn(EventLog.prototype, 'flushed').mockImplementation(function (this: EventLog, from) {
    const others = from === undefined // what others have on their way
    return others
      ? Promise.reject(new SluiceError('ERR_DISK_WRITE', ['the log', 'no space']))
      : flushed.call(this, from)
  })
  await expect(engine.events([click(1), click(2)])).rejects.toMatchObject({ code: 'ERR_DISK_WRITE' })
  refusing.mockRestore()
  expect(await engine.events([click(1), click(2)])).toMatchObject({ accepted: 0, duplicate: 2 })
  expect(engine.status().events).toBe(2)
})

it('refuses items that bring more names of attributes than the catalogue may have, in one batch and later', async () => {
  const engine = await engineWith({ attributesMax: 3 })
  const named = (id: string, ...names: string[]) => ({ id, attributes: Object.fromEntries(names.map((n) => [n, 1])) })
  const first = await engine.putItems([named('i1', 'a', 'b'), named('i2', 'b', 'c', 'd'), named('i3', 'c')])
  expect(first).toMatchObject({ accepted: 2, added: 2 })
  expect(first.rejected).toMatchObject([{ index: 1, code: 'ERR_RECORD_INVALID' }])
  expect(first.rejected[0]?.message).toMatch(
    /^\/attributes\/d is a new name, .* 3 names .* raise events\.attributesMax$/,
  )
  const later = await engine.putItems(many(200, (n) => named(`j${n}`, n % 2 === 0 ? `fresh-${n}` : 'a')))
  expect(later).toMatchObject({ accepted: 100 })
  expect(await engine.putItems([named('i1', 'a', 'b', 'c')])).toMatchObject({ changed: 1, rejected: [] })
})

it('tells who follows each event once, whenever they begin', async () => {
  const engine = await engineWith({})
  await engine.putItems(many(40, (n) => ({ id: `i${n}` })))
  const stop = new AbortController()
  const follow = async () => {
    const ids: string[] = []
    for await (const { id } of engine.tail(1000, stop.signal)) ids.push(id)
    return ids
  }
  let done = false
  const batch = engine.events(many(600, (n) => click(n))).finally(() => {
    done = true
  })
  const followers: Promise<string[]>[] = []
  while (!done) {
    if (followers.length < 200) followers.push(follow())
    await new Promise((resolve) => setImmediate(resolve))
  }
  await batch
  await new Promise((resolve) => setTimeout(resolve, 50))
  stop.abort()
  const all = many(600, (n) => `e${n}`)
  for (const ids of await Promise.all(followers)) expect(ids).toEqual(all)
})
