import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { Agent, request } from 'undici'
import { afterEach, describe, expect, it } from 'vitest'
import { openServer } from '../../src/server/testing/open-server.ts'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function serve(options: Parameters<typeof openServer>[0] = {}) {
  const open = await openServer(options)
  closing.push(() => open.server.close())
  const { url } = await open.server.listen()
  const agent = new Agent({ keepAliveTimeout: 60_000, pipelining: 1 })
  closing.push(() => agent.destroy())
  const slate = () =>
    request(`${url}/v1/slates`, {
      dispatcher: agent,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"surface":"home"}',
    })
  return { ...open, url, agent, slate }
}

describe('closing', () => {
  it('lets running requests finish, closes kept-alive connections, accepts nothing new', async () => {
    const { server, engine, slate, url } = await serve()
    await (await slate()).body.dump() // leaves an idle kept-alive connection
    let open = () => {}
    const gate = new Promise<void>((resolve) => {
      open = resolve
    })
    engine.before = () => gate
    const running = slate()
    await wait(50)
    const closed = server.close()
    await wait(50)
    await expect(fetch(`${url}/health`)).rejects.toThrow()
    open()
    const answer = await running
    expect(answer.statusCode).toBe(200)
    expect(answer.headers['connection']).toBe('close')
    expect(await answer.body.json()).toMatchObject({ surface: 'home' })
    await closed
    expect(await server.close()).toBeUndefined()
  })

  it('answers a request that came on a kept-alive connection and was not read yet', async () => {
    const { server, url } = await serve()
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    let heard = ''
    let failed: Error | undefined
    socket.on('data', (bytes) => (heard += bytes))
    socket.on('error', (error) => (failed = error))
    const body = '{"surface":"home"}'
    const head = `POST /v1/slates HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json`
    const ask = () => socket.write(`${head}\r\ncontent-length: ${body.length}\r\n\r\n${body}`)
    ask()
    await expect.poll(() => heard).toMatch(/"surface":"home"/)
    heard = ''
    ask()
    const closed = server.close()
    await once(socket, 'close')
    expect(failed).toBeUndefined()
    expect(heard).toMatch(/^HTTP\/1.1 200 /)
    await closed
  })

  it('tells a connection that is still open that it is stopping', async () => {
    const { server, engine, url } = await serve()
    let open = () => {}
    const gate = new Promise<void>((resolve) => {
      open = resolve
    })
    engine.before = () => gate
    const { port } = new URL(url)
    const socket = connect(Number(port), '127.0.0.1')
    let heard = ''
    socket.on('data', (data) => {
      heard += data
    })
    const post =
      'POST /v1/slates HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 18\r\n\r\n'
    socket.write(`${post}{"surface":"home"}`)
    await wait(50)
    const closed = server.close()
    const refused = () =>
      fetch(`${url}/health`).then(
        () => false,
        () => true,
      )
    await expect.poll(refused).toBe(true) // it is stopping, however busy the machine
    socket.write('GET /ready HTTP/1.1\r\nHost: localhost\r\n\r\n') // pipelined behind the running one
    const ended = once(socket, 'close')
    open()
    await closed
    await ended
    expect(heard).toMatch(/^HTTP\/1\.1 200 OK/)
    expect(heard).toMatch(/connection: close/i)
  })

  it('cuts what does not finish within drainMs', async () => {
    const { server, engine, slate, logged } = await serve({ config: { drainMs: 100 } })
    engine.before = () => new Promise(() => {})
    const running = slate().catch((error: Error) => error)
    await wait(50)
    const start = performance.now()
    await server.close()
    expect(performance.now() - start).toBeLessThan(5000)
    expect(await running).toBeInstanceOf(Error)
    expect(logged).toMatchObject([{ level: 'warn', drainMs: 100 }])
  })

  it('is not held up by followers of the tail: their stream ends whole', async () => {
    const { server, engine, url, agent } = await serve()
    await engine.events([{ id: 'e1', kind: 'click', at: 1 }])
    const tail = await request(`${url}/v1/events/tail`, { dispatcher: agent })
    const text = tail.body.text()
    await wait(50)
    await server.close()
    expect(JSON.parse(await text)).toMatchObject({ id: 'e1' })
  })
})

describe('listening', () => {
  it('says when the port is taken, and by which name to choose another', async () => {
    const { url } = await serve()
    const second = await openServer({ config: { port: Number(new URL(url).port) } })
    closing.push(() => second.server.close())
    await expect(second.server.listen()).rejects.toMatchObject({
      code: 'ERR_PORT_IN_USE',
      message: expect.stringContaining('--port'),
    })
  })

  it('says when the address is not of this machine', async () => {
    const keys = [{ key: 'key-to-read', rights: ['read' as const] }]
    const { server } = await openServer({ config: { host: '192.0.2.1', apiKeys: keys } })
    closing.push(() => server.close())
    await expect(server.listen()).rejects.toMatchObject({ code: 'ERR_LISTEN' })
  })
})

describe('on the wire', () => {
  async function raw(text: string): Promise<string> {
    const { url } = await serve()
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    let heard = ''
    socket.on('data', (data) => {
      heard += data
    })
    socket.write(text)
    await new Promise((resolve) => socket.once('close', resolve))
    return heard
  }

  it('what is no HTTP gets the same form of failure', async () => {
    const heard = await raw('hello there\r\n\r\n')
    expect(heard).toMatch(/^HTTP\/1\.1 400 /)
    expect(JSON.parse(heard.split('\r\n\r\n')[1] as string)).toMatchObject({ error: { code: 'ERR_REQUEST_INVALID' } })
  })

  it('so do headers that are too large', async () => {
    const heard = await raw(`GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`)
    expect(heard).toMatch(/^HTTP\/1\.1 431 /)
    expect(heard).toContain('ERR_HEADERS_TOO_LARGE')
  })

  it.each(['\\', '//', '//a:b', '*', 'http://elsewhere/health', 'a', '/%', '/?%', '/;', '/v1/items/%ff', '/v1/items/'])(
    'a target like %s gets an answer below 500',
    async (target) => {
      const heard = await raw(`GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)
      expect(heard).toMatch(/^HTTP\/1\.1 [24]\d\d /)
    },
  )

  it.each([
    ['JSON', '/v1/slates', 'POST', 'application/json'],
    ['JSON lines', '/v1/items', 'PUT', 'application/x-ndjson'],
  ])('a body of 10 MB as %s gets its 413 and not a broken connection', async (_name, path, method, type) => {
    const { url, agent } = await serve({ config: { bulkBytesMax: 1_000_000 } })
    const line = `{"id":"${'x'.repeat(92)}"}\n`
    const answer = await request(url + path, {
      dispatcher: agent,
      method: method as 'PUT',
      headers: { 'content-type': type },
      body: line.repeat(100_000),
    })
    expect(answer.statusCode).toBe(413)
    expect(await answer.body.json()).toMatchObject({ error: { code: 'ERR_BODY_TOO_LARGE' } })
    expect((await request(`${url}/health`, { dispatcher: agent })).statusCode).toBe(200)
  })
})
