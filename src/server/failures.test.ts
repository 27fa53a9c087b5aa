import { describe, expect, it } from 'vitest'
import { SluiceError } from '../foundation/base/index.ts'
import { limits } from './limits.ts'
import { fakeEngine } from './testing/fake-engine.ts'
import { openServer, testKeys } from './testing/open-server.ts'

const json = { 'content-type': 'application/json' }
const slate = (payload: string, headers: Record<string, string> = json) =>
  ({ method: 'POST', url: '/v1/slates', payload, headers }) as const
const home = slate('{"surface":"home"}')

describe('bodies that cannot be read', () => {
  it.each([
    ['malformed', slate('{"surface":'), 400, 'ERR_BODY_INVALID', 'body'],
    ['empty', slate(''), 400, 'ERR_BODY_INVALID', 'body'],
    ['not in UTF-8', slate(Buffer.from([0x22, 0xff, 0x22]).toString('latin1')), 400, 'ERR_BODY_INVALID', '/'],
    ['NaN', slate('{"surface":"home","limit":NaN}'), 400, 'ERR_BODY_INVALID', 'body'],
    ['1e999', slate('{"surface":"home","limit":1e999}'), 400, 'ERR_BODY_INVALID', '/limit'],
    ['1e999 deep inside', slate('{"surface":"home","filter":{"min":1e999}}'), 400, 'ERR_BODY_INVALID', '/filter/min'],
    ['__proto__', slate('{"surface":"home","__proto__":{"limit":1}}'), 400, 'ERR_BODY_INVALID', 'body'],
    ['constructor', slate('{"constructor":{"prototype":{}}}'), 400, 'ERR_BODY_INVALID', 'body'],
    ['text', slate('{"surface":"home"}', { 'content-type': 'text/plain' }), 415, 'ERR_CONTENT_TYPE', undefined],
    [
      'a form',
      slate('a=1', { 'content-type': 'application/x-www-form-urlencoded' }),
      415,
      'ERR_CONTENT_TYPE',
      undefined,
    ],
    [
      'lines',
      slate('{"surface":"home"}', { 'content-type': 'application/x-ndjson' }),
      415,
      'ERR_CONTENT_TYPE',
      undefined,
    ],
    ['gzip', slate('xx', { ...json, 'content-encoding': 'gzip' }), 415, 'ERR_CONTENT_TYPE', undefined],
    [
      'very deep',
      slate(`{"surface":"home","filter":${'{"not":'.repeat(1e5)}{}${'}'.repeat(1e5 + 1)}`),
      400,
      'ERR_BODY_INVALID',
      '/',
    ],
    [
      'deep',
      slate(`{"surface":"home","filter":${'{"not":'.repeat(40)}{}${'}'.repeat(41)}`),
      400,
      'ERR_BODY_INVALID',
      '/filter',
    ],
  ] as const)('%s', async (_name, request, status, code, where) => {
    const { ask, logged } = await openServer()
    const answer = await ask(request)
    expect(answer.body).toMatchObject({ error: { code } })
    expect((answer.body as { error: { where?: string } }).error.where).toBe(where)
    expect(answer.status).toBe(status)
    expect(logged).toEqual([])
  })

  it('too large: the answer says the limit', async () => {
    const { ask } = await openServer({ config: { bodyBytesMax: 1024, bulkBytesMax: 2048 } })
    const large = await ask(slate(JSON.stringify({ surface: 'home', query: 'x'.repeat(2000) })))
    expect(large).toMatchObject({ status: 413, body: { error: { code: 'ERR_BODY_TOO_LARGE' } } })
    expect(large.text).toContain('1024 bytes')
    const put = (payload: string) =>
      ask({ method: 'PUT', url: '/v1/items', payload, headers: { 'content-type': 'application/x-ndjson' } })
    const bulk = await put('{"id":"a"}\n'.repeat(300))
    expect(bulk).toMatchObject({ status: 413, body: { error: { code: 'ERR_BODY_TOO_LARGE' } } })
    expect(bulk.text).toContain('2048 bytes')
    const line = await put(`{"id":"a"}\n{"id":"${'b'.repeat(1500)}`)
    expect(line).toMatchObject({ status: 400, body: { error: { where: 'line 2' } } })
  })
})

describe('routes that do not exist', () => {
  it('are answered with near ones', async () => {
    const { ask } = await openServer()
    const { status, body } = await ask({ method: 'POST', url: '/v1/slate?x=1' })
    expect(status).toBe(404)
    expect(body).toMatchObject({ error: { code: 'ERR_ROUTE_UNKNOWN' } })
    expect((body as { error: { message: string } }).error.message).toMatch(
      /^Cannot POST \/v1\/slate: .*Near ones: \/v1\/slates,/,
    )
    expect((await ask('/v1/item/7')).text).toContain('Near ones: /v1/items/:id,')
    expect((await ask(`/${'x'.repeat(5000)}`)).status).toBe(404)
  })

  it('or exist for other methods: the answer names them', async () => {
    const { ask } = await openServer()
    const { status, body, headers } = await ask({ method: 'PATCH', url: '/v1/items/i1' })
    expect([status, body]).toMatchObject([405, { error: { code: 'ERR_METHOD_NOT_ALLOWED' } }])
    expect(headers['allow']).toBe('PUT, GET, HEAD, DELETE')
    expect((await ask({ method: 'OPTIONS', url: '/v1/slates' })).headers['allow']).toBe('POST')
    expect((await ask({ method: 'HEAD', url: '/v1/events/tail' })).status).toBe(405)
  })
})

describe('failures inside', () => {
  it('are told as an incident and nothing else, and logged whole', async () => {
    const { ask, engine, logged } = await openServer()
    engine.before = () => {
      throw new Error('secret path /etc/sluice')
    }
    const { status, body, text } = await ask(home)
    expect([status, body]).toMatchObject([500, { error: { code: 'ERR_INTERNAL' } }])
    expect(text).not.toMatch(/secret|stack|Error:/)
    const [line] = logged as { incident: string; error: { stack: string } }[]
    expect(text).toContain(line?.incident)
    expect(line?.error.stack).toContain('secret path')
  })

  it('that look like the client’s are still ours', async () => {
    const { ask, engine } = await openServer()
    engine.before = () => {
      throw Object.assign(new Error('from a library'), { statusCode: 404, code: 'ENOENT' })
    }
    expect((await ask(home)).status).toBe(500)
    engine.before = () => Promise.reject('not even an error')
    expect((await ask(home)).status).toBe(500)
  })

  it('of the table keep their status, code and sentence', async () => {
    const { ask, engine, logged } = await openServer()
    engine.before = () => {
      throw new SluiceError('ERR_DISK_WRITE', ['the journal', 'ENOSPC'], { cause: new Error('ENOSPC') })
    }
    const { status, body, headers } = await ask({ method: 'POST', url: '/v1/events', payload: { events: [] } })
    expect([status, body]).toMatchObject([503, { error: { code: 'ERR_DISK_WRITE' } }])
    expect(headers['retry-after']).toBe('10')
    expect(logged).toHaveLength(1)
  })

  it('in a stream that has not begun are an answer', async () => {
    const engine = fakeEngine({ items: 1 })
    engine.allItems = () => {
      throw new SluiceError('ERR_OVERLOADED', ['the disk'])
    }
    const { ask } = await openServer({ engine })
    expect((await ask('/v1/export/items')).status).toBe(503)
  })
})

describe('who may ask', () => {
  it('a server without keys does not start for other machines', async () => {
    for (const host of ['0.0.0.0', '::', '192.168.1.5', 'example.com']) {
      await expect(openServer({ config: { host } })).rejects.toMatchObject({ code: 'ERR_HOST_OPEN' })
      await expect(openServer({ config: { host, apiKeys: testKeys } })).resolves.toBeDefined()
    }
    for (const host of ['127.0.0.1', '127.9.9.9', '::1', 'localhost']) {
      await expect(openServer({ config: { host } })).resolves.toBeDefined()
    }
  })

  it('and answers to names of this machine only', async () => {
    const { ask } = await openServer()
    const as = (host: string) => ask({ ...home, headers: { ...json, host } })
    expect((await as('rebound.example:8787')).body).toMatchObject({ error: { code: 'ERR_HOST_FORBIDDEN' } })
    expect((await as('127.0.0.1.example.com')).status).toBe(403)
    for (const own of ['localhost:8787', '127.0.0.1:8787', '[::1]:8787', 'LOCALHOST']) {
      expect((await as(own)).status).toBe(200)
    }
    const keyed = await openServer({ config: { apiKeys: testKeys } })
    const { status } = await keyed.ask({
      ...home,
      headers: { ...json, host: 'api.example', 'x-api-key': 'key-to-read' },
    })
    expect(status).toBe(200)
  })

  it('the rate limit holds, says when to come back, and comes before the key', async () => {
    const { ask } = await openServer({ config: { requestsPerMinute: 3, apiKeys: testKeys } })
    const from = (remoteAddress: string) => ask({ ...home, remoteAddress })
    const statuses = []
    for (let i = 0; i < 4; i++) statuses.push((await from('10.0.0.1')).status)
    expect(statuses).toEqual([401, 401, 401, 429])
    const { body, headers } = await from('10.0.0.1')
    expect(body).toMatchObject({ error: { code: 'ERR_RATE_LIMITED' } })
    expect(Number(headers['retry-after'])).toBeGreaterThan(0)
    expect(headers['x-ratelimit-limit']).toBe('3')
    expect((await from('10.0.0.2')).status).toBe(401)
    expect((await ask({ url: '/nowhere', remoteAddress: '10.0.0.1' })).status).toBe(429)
  })
})

describe('overload', () => {
  it('above the bound is refused at once; operations still answer; places are given back', async () => {
    const { ask, engine } = await openServer()
    let open = () => {}
    const gate = new Promise<void>((resolve) => {
      open = resolve
    })
    engine.before = () => gate
    const running = Array.from({ length: limits.inFlightMax }, () => ask(home))
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(await ask(home)).toMatchObject({ status: 503, body: { error: { code: 'ERR_OVERLOADED' } } })
    expect((await ask('/health')).status).toBe(200)
    open()
    expect(new Set((await Promise.all(running)).map(({ status }) => status))).toEqual(new Set([200]))
    await new Promise((resolve) => setTimeout(resolve, 10))
    expect((await ask(home)).status).toBe(200)
  })
})

describe('what is measured', () => {
  it('is each request by route, never by path', async () => {
    const { ask } = await openServer()
    await ask('/v1/items/i1')
    await ask('/v1/items/i2')
    await ask('/v1/items/none')
    await ask('/secret-path')
    await new Promise((resolve) => setTimeout(resolve, 10))
    const { text } = await ask('/metrics')
    expect(text).toContain('_count{route="/v1/items/:id",method="GET",status="200"} 2')
    expect(text).toContain('_count{route="/v1/items/:id",method="GET",status="404"} 1')
    expect(text).toContain('_count{route="unknown",method="GET",status="404"} 1')
    expect(text).not.toContain('secret-path')
    expect(text).toContain('sluice_items 5')
    expect(text).toContain('sluice_ready 1')
  })
})

describe('names of requests', () => {
  it('are the client’s when harmless, else our own', async () => {
    const { ask } = await openServer()
    const named = async (name: string) =>
      (await ask({ url: '/health', headers: { 'x-request-id': name } })).headers['x-request-id']
    expect(await named('web-7.2:a')).toBe('web-7.2:a')
    expect(await named('a b<script>')).not.toContain('<')
    expect(await named('x'.repeat(65))).not.toContain('xxx')
  })
})

describe('the page', () => {
  it('lets nothing run but its own script, and escapes', async () => {
    const { ask, engine } = await openServer()
    engine.ready = false
    engine.phase = '<img onerror=alert(1)>'
    const { text, headers } = await ask('/')
    expect(text).not.toContain('<img')
    expect(text).toContain('&lt;img')
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'sha256-[\w+/=]+';/)
    expect(headers['x-content-type-options']).toBe('nosniff')
  })
})
