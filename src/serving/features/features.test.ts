import { describe, expect, it } from 'vitest'
import { Deadline, systemClock } from '../../foundation/base/index.ts'
import { completeConfig } from '../../domain/index.ts'
import { askOf } from './embedded.ts'
import { featureReaderSuite } from './feature-reader.suite.ts'
import { type Ground, ground, NOW, rowsOf } from './testing/ground.ts'
import { Publisher } from './publisher.ts'
import { StoredColumns } from './stored-columns.ts'
import { StoredReader } from './stored-reader.ts'
import { memoryStore, type ValueStore } from './value-store.ts'

featureReaderSuite('embedded', async () => ({
  ground: ground(),
  settle: async () => undefined,
  close: async () => undefined,
}))
featureReaderSuite('in a store', async () => {
  const { made, publisher } = stored(memoryStore())
  return { ground: made, settle: () => publisher.publishAll(), close: async () => undefined }
})

/** A reader over a store, with what publishes to it. */
function stored(store: ValueStore, changes: object = {}) {
  const config = { ...completeConfig().features, deadlineMs: 5000, ...changes }
  let publisher: Publisher | undefined
  let reader: StoredReader | undefined
  const made = ground((state, features) => {
    const columns = new StoredColumns(features)
    const clock = { now: () => NOW + ahead.ms, ticks: () => systemClock.ticks() }
    reader = new StoredReader({ state, columns, store, config, clock })
    const forgotten = (key: string) => reader?.latest.delete(key)
    publisher = state.add(new Publisher({ state, columns, store, config, clock, failed: () => undefined, forgotten }))
    return { reader, forget() {}, start() {}, stop: async () => undefined }
  })
  const ahead = { ms: 0 }
  return { made, publisher: publisher as Publisher, reader: reader as StoredReader, ahead }
}

/** A store whose weather is changed from outside. */
function weather() {
  const inner = memoryStore()
  const now = { down: false, lateMs: 0, gets: 0 }
  const store: ValueStore = {
    ...inner,
    async get(keys) {
      now.gets++
      if (now.down) throw new Error('connection refused')
      if (now.lateMs > 0) await new Promise((resolve) => setTimeout(resolve, now.lateMs))
      return inner.get(keys)
    },
  }
  return { store, now }
}

async function read({ online, queryOf, features }: Ground, user: number, budgetMs = 10_000) {
  const rows = rowsOf(100)
  const query = queryOf(user)
  const out = new Float32Array(rows.length * online.reader.names.length)
  const began = performance.now()
  const { groups, status, ages } = await online.reader.read(query, rows, out, new Deadline(systemClock, budgetMs))
  const wanted = new Float32Array(out.length)
  features.read(askOf(query), rows, wanted)
  const of = (group: string) => ({ status: status[groups.indexOf(group)], age: ages[groups.indexOf(group)] })
  return { out, wanted, of, tookMs: performance.now() - began, column: (name: string) => features.index(name) }
}

describe('a feature store in bad weather', () => {
  it('is answered for by the latest values, with their age, when it is down', async () => {
    const { store, now } = weather()
    const { made, publisher, ahead } = stored(store)
    await publisher.publishAll()
    const before = await read(made, 2)
    now.down = true
    ahead.ms = 5000
    const after = await read(made, 2)
    expect(after.out).toEqual(before.out)
    for (const group of ['item', 'creator', 'category', 'user', 'session'])
      expect(after.of(group)).toEqual({ status: 'stale', age: 5000 })
    expect((await read(made, 999)).of('user')).toEqual({ status: 'ok', age: 0 }) // nobody has no values to wait for
    for (const group of ['match', 'context', 'affinity']) expect(after.of(group)).toEqual({ status: 'ok', age: 0 })
  })

  it('is missing, and neutral, where nothing was kept', async () => {
    const { store, now } = weather()
    const { made, publisher } = stored(store)
    await publisher.publishAll()
    now.down = true
    const { out, of, column } = await read(made, 2)
    expect(of('item').status).toBe('missing')
    expect(of('user').status).toBe('missing')
    expect(of('affinity').status).toBe('ok')
    expect(out[column('item.ctr')]).toBeCloseTo(completeConfig().ranking.priorCtr, 6) // as documented: the prior
    expect(out[column('user.history')]).toBe(0)
    expect(out.every(Number.isFinite)).toBe(true)
  })

  it('is not waited for beyond the deadline, and what comes late answers the next time', async () => {
    const { store, now } = weather()
    const { made, publisher } = stored(store, { deadlineMs: 10 })
    await publisher.publishAll()
    now.lateMs = 500
    const late = await read(made, 2)
    expect(late.tookMs).toBeLessThan(500)
    expect(late.of('item').status).toBe('missing')
    await new Promise((resolve) => setTimeout(resolve, 700))
    const next = await read(made, 2)
    expect(next.of('item').status).toBe('stale')
    expect(next.out).toEqual(next.wanted)
  })

  it('gives a group its own deadline', async () => {
    const { store, now } = weather()
    const { made, publisher } = stored(store, { deadlineMs: 2000, groupDeadlineMs: { user: 1 } })
    await publisher.publishAll()
    now.lateMs = 30
    const { of } = await read(made, 2)
    expect(of('item').status).toBe('ok')
    expect(of('user').status).toBe('stale')
    expect(() => stored(store, { groupDeadlineMs: { weather: 1 } })).toThrow('/features/groupDeadlineMs/weather')
  })

  it('is left alone after failing, so that nobody waits', async () => {
    const { store, now } = weather()
    const { made } = stored(store)
    now.down = true
    for (let i = 0; i < 50; i++) await read(made, 1)
    expect(now.gets).toBeLessThan(25)
  })

  it('says that old values are stale, though the store gave them', async () => {
    const { made, publisher, ahead } = stored(memoryStore(), { freshMs: 1000 })
    await publisher.publishAll()
    ahead.ms = 3000
    expect((await read(made, 2)).of('item')).toEqual({ status: 'stale', age: 3000 })
  })

  it('keeps a bounded number of values', async () => {
    const { made, publisher, reader } = stored(memoryStore(), { staleValues: 30 })
    await publisher.publishAll()
    await read(made, 2)
    expect(reader.latest.size).toBe(30)
  })
})

describe('the publisher', () => {
  it('drops the values of who is erased, here and in the store', async () => {
    const store = memoryStore()
    const { made, publisher, reader } = stored(store)
    await publisher.publishAll()
    await read(made, 5)
    const key = `sluice:${made.features.digest}:user:u5`
    expect((await store.get([key]))[0]).toBeDefined()
    made.state.forget('u5')
    expect(reader.latest.get(key)).toBeUndefined()
    await publisher.turn()
    expect((await store.get([key]))[0]).toBeUndefined()
  })

  it('forgets them also when they were on their way from the store', async () => {
    const { store, now } = weather()
    const { made, publisher, reader } = stored(store)
    await publisher.publishAll()
    now.lateMs = 50
    const reading = read(made, 5)
    made.state.forget('u5')
    await reading
    const keyOf = (user: string) => `sluice:${made.features.digest}:user:${user}`
    expect(reader.latest.get(keyOf('u5'))).toBeUndefined()
    await read(made, 4)
    expect(reader.latest.get(keyOf('u4'))).toBeDefined()
  })

  it('drops them before it stops, though no turn came any more', async () => {
    const store = memoryStore()
    const { made, publisher } = stored(store)
    await publisher.publishAll()
    made.state.forget('u5')
    await publisher.stop()
    expect((await store.get([`sluice:${made.features.digest}:user:u5`]))[0]).toBeUndefined()
  })

  it('publishes everything when it starts', async () => {
    const store = memoryStore()
    const { made, publisher } = stored(store)
    publisher.start()
    const published = async () => {
      const { out, wanted, of } = await read(made, 2)
      return [of('item').status, of('user').status, out.every((value, i) => value === wanted[i])]
    }
    await expect.poll(published).toEqual(['ok', 'ok', true])
    await publisher.stop()
  })

  it('publishes what changed within a turn, and all in turn, though the store refused once', async () => {
    const inner = memoryStore()
    let refuse = true
    const puts: number[] = []
    const store: ValueStore = {
      ...inner,
      async put(entries) {
        if (refuse) throw new Error('out of memory')
        puts.push(entries.length)
        await inner.put(entries)
      },
    }
    const { made, publisher } = stored(store, { publishMs: 60_000, refreshMs: 60_000 * 4 })
    publisher.start()
    made.event('click', 1, 7)
    await expect(publisher.turn()).rejects.toThrow('out of memory')
    refuse = false
    await publisher.turn()
    expect(puts.slice(0, 2)).toEqual([1, 1]) // the item and the user
    for (let turn = 0; turn < 4; turn++) await publisher.turn()
    const keys = Array.from({ length: 240 }, (_, i) => `sluice:${made.features.digest}:item:i${i}`)
    expect((await inner.get(keys)).every((value) => value !== undefined)).toBe(true)
    await publisher.stop()
  })
})
