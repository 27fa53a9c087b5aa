import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { Agent, request } from 'undici'
import { afterEach, describe, expect, it } from 'vitest'
import { limits } from '../../src/server/limits.ts'
import { fakeEngine } from '../../src/server/testing/fake-engine.ts'
import { openServer } from '../../src/server/testing/open-server.ts'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function serve(engine = fakeEngine()) {
  const open = await openServer({ engine, config: { drainMs: 200 } })
  closing.push(() => open.server.close())
  const { url } = await open.server.listen()
  const agent = new Agent()
  closing.push(() => agent.destroy())
  return { ...open, url, agent }
}

const until = (condition: () => boolean) => expect.poll(condition, { interval: 10 }).toBe(true)

/** What a count stands at when it has begun and goes no further. */
async function standstill(count: () => number): Promise<number> {
  await until(() => count() > 0)
  for (let last = -1; last !== count(); await wait(300)) last = count()
  return count()
}

const click = (id: string) => ({ id, kind: 'click', user: 'u1', at: 1 })

describe('the tail of events', () => {
  it('begins with the latest, goes on with the new ones, and lets go of the engine when the client leaves', async () => {
    const { engine, url, agent } = await serve()
    await engine.events(['a', 'b', 'c'].map(click))
    const { body, headers } = await request(`${url}/v1/events/tail?last=2`, { dispatcher: agent })
    expect(headers['content-type']).toBe('application/x-ndjson')
    let text = ''
    body.on('data', (chunk) => {
      text += chunk
    })
    body.on('error', () => {})
    await until(() => text.split('\n').length === 3)
    await engine.events([click('d')])
    await until(() => text.includes('"d"'))
    expect(
      text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).id),
    ).toEqual(['b', 'c', 'd'])
    expect(engine.following).toBe(1)
    body.destroy()
    await until(() => engine.following === 0)
  })

  it('ends with the latest when it is not to follow', async () => {
    const { engine, url, agent } = await serve()
    await engine.events(['a', 'b', 'c'].map(click))
    const { body } = await request(`${url}/v1/events/tail?last=2&follow=false`, { dispatcher: agent })
    const lines = (await body.text()).trim().split('\n')
    expect(lines.map((line) => JSON.parse(line).id)).toEqual(['b', 'c'])
    expect(engine.following).toBe(0)
  })

  it('answers at once, even when there is nothing to tell', async () => {
    const { url, agent } = await serve()
    const { statusCode, body } = await request(`${url}/v1/events/tail?last=0`, { dispatcher: agent })
    expect(statusCode).toBe(200)
    body.on('error', () => {}).destroy()
  })

  it('has room for so many followers, and gives places back', async () => {
    const { engine, url, agent } = await serve()
    const follow = () => request(`${url}/v1/events/tail`, { dispatcher: agent })
    const tails = await Promise.all(Array.from({ length: limits.tailsMax }, follow))
    expect((await follow()).statusCode).toBe(503)
    tails[0]?.body.on('error', () => {}).destroy()
    await until(() => engine.following === limits.tailsMax - 1)
    const again = await follow()
    expect(again.statusCode).toBe(200)
    for (const { body } of [...tails, again]) body.on('error', () => {}).destroy()
    await until(() => engine.following === 0)
  })
})

describe('an export', () => {
  /** Counts how far it was read. */
  function counted(total: number) {
    const engine = fakeEngine()
    const read = { count: 0, ended: false }
    engine.allItems = function* () {
      try {
        for (; read.count < total; read.count++) yield { id: `i${read.count}`, title: 'x'.repeat(200) }
      } finally {
        read.ended = true
      }
    }
    return { engine, read }
  }

  it('is read no faster than the client reads', async () => {
    const total = 500_000 // about 110 MB
    const { engine, read } = counted(total)
    const { url } = await serve(engine)
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.pause()
    socket.write('GET /v1/export/items HTTP/1.1\r\nHost: localhost\r\n\r\n')
    expect(await standstill(() => read.count)).toBeLessThan(total / 4) // what was read fills the buffers of the sockets
    socket.destroy()
    await once(socket, 'close')
    await until(() => read.ended) // and the rest is never read
    expect(read.count).toBeLessThan(total / 4)
  })

  it('that breaks halfway breaks the connection, so that a part is not taken for the whole', async () => {
    const engine = fakeEngine()
    engine.allItems = function* () {
      for (let i = 0; i < 20_000; i++) yield { id: `i${i}` }
      throw new Error('the disk is gone')
    }
    const { url, agent, logged } = await serve(engine)
    const { statusCode, body } = await request(`${url}/v1/export/items`, { dispatcher: agent })
    expect(statusCode).toBe(200)
    await expect(body.text()).rejects.toThrow()
    expect(logged).toMatchObject([{ level: 'error' }])
  })

  it('comes back whole', async () => {
    const { engine } = counted(50_000)
    const { url, agent } = await serve(engine)
    const { body } = await request(`${url}/v1/export/items`, { dispatcher: agent })
    const lines = (await body.text()).trimEnd().split('\n')
    expect(lines.length).toBe(50_000)
    expect(JSON.parse(lines[49_999] as string).id).toBe('i49999')
  })
})

describe('a bulk upload', () => {
  it('is read no faster than the engine takes it', async () => {
    const engine = fakeEngine()
    let batches = 0
    let open = () => {}
    const gate = new Promise<void>((resolve) => {
      open = resolve
    })
    const put = engine.putItems
    engine.putItems = async (batch) => {
      batches++
      await gate
      return put(batch)
    }
    const { url, agent } = await serve(engine)
    let sent = 0
    const source = (function* () {
      for (; sent < 200_000; sent++) yield `{"id":"i${sent}","title":"${'x'.repeat(100)}"}\n`
    })()
    const { Readable } = await import('node:stream')
    const answer = request(`${url}/v1/items`, {
      dispatcher: agent,
      method: 'PUT',
      headers: { 'content-type': 'application/x-ndjson' },
      body: Readable.from(source),
    })
    await expect.poll(() => batches).toBe(1)
    expect(await standstill(() => sent)).toBeLessThan(150_000)
    expect(batches).toBe(1)
    open()
    expect(await (await answer).body.json()).toMatchObject({ accepted: 200_000, added: 200_000, rejected: [] })
  })
})

it('a client that reads no more gives its place back after a while; one that has nothing to read stays', async () => {
  const { engine, url } = await serve()
  const usual = limits.stalledMsMax
  Object.assign(limits, { stalledMsMax: 300 })
  closing.push(async () => Object.assign(limits, { stalledMsMax: usual }))
  engine.allItems = function* () {
    for (let i = 0; ; i++) yield { id: `i${i}`, description: 'x'.repeat(1000) }
  }
  const ask = (path: string) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1').on('error', () => {})
    socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
    closing.push(async () => socket.destroy())
    return socket
  }
  const follower = ask('/v1/events/tail').resume()
  for (let i = 0; i < limits.exportsMax; i++) ask('/v1/export/items').pause()
  await wait(100)
  const users = async () => (await fetch(`${url}/v1/export/users`)).status
  expect(await users()).toBe(503)
  await expect.poll(users, { timeout: 5000 }).toBe(200)
  expect([engine.following, follower.destroyed]).toEqual([1, false])
})
