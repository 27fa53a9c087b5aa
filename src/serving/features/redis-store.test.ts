import { afterAll, describe, expect, it } from 'vitest'
import { type OwnRedis, ownRedis } from '../../cli/gameday/own-redis.ts'
import { completeConfig } from '../../domain/index.ts'
import { systemClock } from '../../foundation/base/index.ts'
import { featureReaderSuite } from './feature-reader.suite.ts'
import { ground, NOW } from './testing/ground.ts'
import { Publisher } from './publisher.ts'
import { redisStore } from './redis-store.ts'
import { StoredColumns } from './stored-columns.ts'
import { StoredReader } from './stored-reader.ts'

const servers: OwnRedis[] = []
/** A server of its own. */
async function serve(): Promise<OwnRedis> {
  const server = await ownRedis()
  if (!server) throw new Error('there is no redis-server on this machine')
  servers.push(server)
  return server
}
afterAll(async () => {
  for (const server of servers) await server.close()
})

const installed = await ownRedis().then((server) => server?.close().then(() => true) ?? false)
if (!installed)
  console.log('redis-store.test.ts is skipped: there is no redis-server on this machine (apt-get install redis-server)')

if (installed) {
  featureReaderSuite('redis', async () => {
    const store = await redisStore((await serve()).store)
    const config = { ...completeConfig().features, deadlineMs: 5000 }
    const clock = { now: () => NOW, ticks: () => systemClock.ticks() }
    let publisher: Publisher | undefined
    const made = ground((state, features) => {
      const columns = new StoredColumns(features)
      const reader = new StoredReader({ state, columns, store, config, clock })
      publisher = state.add(new Publisher({ state, columns, store, config, clock, failed: () => undefined }))
      return { reader, forget() {}, start() {}, stop: async () => undefined }
    })
    return {
      ground: made,
      settle: async () => publisher?.publishAll(),
      close: () => store.close(),
    }
  })
}

describe.runIf(installed)('values in redis', () => {
  it('are got as they were put, in the order of their keys, until they are dropped', async () => {
    const store = await redisStore((await serve()).store)
    const value = Uint8Array.from({ length: 300 }, (_, i) => i)
    await store.put([
      ['a', value],
      ['b', value.subarray(10, 20)], // a view that does not begin at a multiple of four
    ])
    const [b, none, a] = await store.get(['b', 'none', 'a'])
    expect(Uint8Array.from(b ?? [])).toEqual(value.slice(10, 20))
    expect(none).toBeUndefined()
    expect(Uint8Array.from(a ?? [])).toEqual(value)
    expect(await store.get([])).toEqual([])
    await store.drop(['a'])
    expect(await store.get(['a'])).toEqual([undefined])
    await store.close()
  })

  it('fail at once when the server is gone, and are there again when it is back', async () => {
    const server = await serve()
    const store = await redisStore(server.store)
    await store.put([['a', Uint8Array.of(1)]])
    await server.kill()
    await expect(store.get(['a'])).rejects.toThrow()
    const began = performance.now()
    await expect(store.get(['a'])).rejects.toThrow()
    expect(performance.now() - began).toBeLessThan(900) // not the time limit of a command
    await server.start()
    const answers = () =>
      store.get(['a']).then(
        () => true,
        () => false,
      )
    await expect.poll(answers, { interval: 50 }).toBe(true)
    await store.close()
  })

  it('are no reason not to start', async () => {
    const failures: unknown[] = []
    const store = await redisStore('redis+unix:///tmp/no-such-socket', { failed: (error) => failures.push(error) })
    await expect(store.get(['a'])).rejects.toThrow()
    expect(failures.length).toBeGreaterThan(0)
    await store.close()
  })
})
