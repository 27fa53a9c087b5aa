import { Readable } from 'node:stream'
import type { InjectOptions } from 'fastify'
import type { TSchema } from 'typebox'
import { describe, expect, it } from 'vitest'
import { parserOf } from '../domain/index.ts'
import { LINES_TYPE, type Route } from './route.ts'
import { routes } from './routes.ts'
import { fakeEngine } from './testing/fake-engine.ts'
import { type OpenServer, openServer, testKeys } from './testing/open-server.ts'

const lines = (...values: unknown[]) => values.map((value) => JSON.stringify(value)).join('\n')
const asLines = { 'content-type': LINES_TYPE }
const click = { id: 'e1', kind: 'click', user: 'u1', item: 'i1', at: 1_760_000_000_000 }

/** For each route by name: a request that works, and ones that do not, with the code of the answer. */
const tried: Record<string, { good: InjectOptions; bad?: [InjectOptions, string][] }> = {
  makeSlate: {
    good: { payload: { surface: 'home', user: 'u1', limit: 3, filter: { not: { field: 'price', min: 3 } } } },
    bad: [
      [{ payload: {} }, 'ERR_BODY_INVALID'],
      [{ payload: { surface: 'home', limit: 0 } }, 'ERR_BODY_INVALID'],
      [{ payload: { surface: 'home', limt: 3 } }, 'ERR_BODY_INVALID'],
      [{ payload: { surface: 'home', filter: { feild: 'x' } } }, 'ERR_BODY_INVALID'],
      [{ payload: { surface: 'nowhere' } }, 'ERR_SURFACE_UNKNOWN'],
      [{ payload: { surface: 'next' } }, 'ERR_ITEM_REQUIRED'],
      [{ payload: [] }, 'ERR_BODY_INVALID'],
      [{}, 'ERR_BODY_INVALID'],
      [{ payload: { surface: 'home' }, query: { limit: '3' } }, 'ERR_BODY_INVALID'],
    ],
  },
  explainSlate: {
    good: { url: '/v1/slates/s0/explain' },
    bad: [[{ url: '/v1/slates/no/explain' }, 'ERR_SLATE_NOT_FOUND']],
  },
  sendEvents: {
    good: { payload: { events: [click, click, { id: 'e2' }] } },
    bad: [
      [{ payload: { events: 'all' } }, 'ERR_BODY_INVALID'],
      [{ payload: [click] }, 'ERR_BODY_INVALID'],
      [{ payload: { events: [click], source: 'web' } }, 'ERR_BODY_INVALID'],
      [{ payload: { events: new Array(5001).fill(null) } }, 'ERR_BODY_INVALID'],
      [{}, 'ERR_BODY_INVALID'],
    ],
  },
  tailEvents: { good: {}, bad: [[{ query: { last: '-1' } }, 'ERR_BODY_INVALID']] },
  putItems: {
    good: { payload: { items: [{ id: 'i1' }, { id: 'i9', title: 'Nine' }, { title: 'nameless' }] } },
    bad: [
      [{ payload: { items: {} } }, 'ERR_BODY_INVALID'],
      [{ payload: { items: [], more: [] } }, 'ERR_BODY_INVALID'],
      [{ payload: '"text"', headers: { 'content-type': 'application/json' } }, 'ERR_BODY_INVALID'],
    ],
  },
  putItem: {
    good: { url: '/v1/items/i%2F7', payload: { title: 'Seven' } },
    bad: [
      [{ url: '/v1/items/i7', payload: { id: 'i8' } }, 'ERR_BODY_INVALID'],
      [{ url: '/v1/items/i7', payload: { price: -1 } }, 'ERR_BODY_INVALID'],
      [{ url: '/v1/items/i7', payload: [] }, 'ERR_BODY_INVALID'],
      [{ url: `/v1/items/${'x'.repeat(129)}`, payload: {} }, 'ERR_BODY_INVALID'],
      [{ url: `/v1/items/${'x'.repeat(2000)}`, payload: {} }, 'ERR_BODY_INVALID'],
      [{ url: '/v1/items/a%00b', payload: {} }, 'ERR_BODY_INVALID'],
    ],
  },
  getItem: {
    good: { url: '/v1/items/i1' },
    bad: [
      [{ url: '/v1/items/none' }, 'ERR_ITEM_NOT_FOUND'],
      [{ url: '/v1/items/%zz' }, 'ERR_BODY_INVALID'],
      [{ url: '/v1/items/i1?fields=title' }, 'ERR_BODY_INVALID'],
    ],
  },
  deleteItem: { good: { url: '/v1/items/i4' }, bad: [[{ url: '/v1/items/none' }, 'ERR_ITEM_NOT_FOUND']] },
  similarItems: {
    good: { url: '/v1/items/i1/similar?limit=2' },
    bad: [
      [{ url: '/v1/items/none/similar' }, 'ERR_ITEM_NOT_FOUND'],
      [{ url: '/v1/items/i1/similar?limit=0' }, 'ERR_BODY_INVALID'],
      [{ url: '/v1/items/i1/similar?limit=many' }, 'ERR_BODY_INVALID'],
      [{ url: '/v1/items/i1/similar?limit=1&limit=2' }, 'ERR_BODY_INVALID'],
    ],
  },
  putUsers: {
    good: { payload: [{ id: 'u1', country: 'NO' }] },
    bad: [[{ payload: { items: [] } }, 'ERR_BODY_INVALID']],
  },
  putUser: {
    good: { url: '/v1/users/u1', payload: { optOut: true } },
    bad: [[{ url: '/v1/users/u1', payload: { age: 200 } }, 'ERR_BODY_INVALID']],
  },
  getUser: { good: { url: '/v1/users/u1' }, bad: [[{ url: '/v1/users/none' }, 'ERR_USER_NOT_FOUND']] },
  eraseUser: { good: { url: '/v1/users/u1' }, bad: [[{ url: '/v1/users/none' }, 'ERR_USER_NOT_FOUND']] },
  exportItems: { good: {} },
  exportUsers: { good: {} },
  exportEvents: { good: {} },
  portfolio: { good: {}, bad: [[{ query: { since: '1' } }, 'ERR_BODY_INVALID']] },
  health: { good: {} },
  ready: { good: {} },
  observations: {
    good: { query: { minutes: '240', before: '1764100000000' } },
    bad: [
      [{ query: { since: '1' } }, 'ERR_BODY_INVALID'],
      [{ query: { minutes: '241' } }, 'ERR_BODY_INVALID'],
    ],
  },
  faults: { good: {}, bad: [[{ query: { since: '1' } }, 'ERR_BODY_INVALID']] },
  injectFaults: {
    good: { body: { faults: [{ fault: 'ranker-slow', probability: 0.5, ms: 80 }, { fault: 'index-down' }] } },
    bad: [
      [{ body: { faults: [{ fault: 'no-such' }] } }, 'ERR_FAULT_INVALID'],
      [{ body: { faults: [{ fault: 'index-down', probability: 0 }] } }, 'ERR_BODY_INVALID'],
      [{ body: { faults: 'index-down' } }, 'ERR_BODY_INVALID'],
    ],
  },
  status: { good: {} },
  metrics: { good: {} },
  apiDocument: { good: {} },
  home: { good: {} },
}

const request = (route: Route, options: InjectOptions): InjectOptions => ({
  method: route.method,
  url: route.path.replace(':id', 'i1'),
  ...options,
})

/** A server where every good request works. */
async function furnished(config = {}): Promise<OpenServer> {
  const open = await openServer({ config })
  await open.engine.slate({ surface: 'home' })
  await open.engine.putUsers([{ id: 'u1' }])
  await open.engine.events([{ ...click, id: 'e0' }])
  return open
}

function expectFits(schema: TSchema, value: unknown) {
  expect(parserOf(schema)(value)).toEqual({ ok: true, value })
}

describe.each(routes.map((route) => [route.name, route] as const))('%s', (name, route) => {
  const cases = tried[name]
  const endless = name === 'tailEvents' // over a socket in test/scenarios

  it('is tried', () => {
    expect(cases).toBeDefined()
  })

  it.skipIf(endless)('gives what the document says', async () => {
    const { ask } = await furnished()
    const { status, body, text, headers } = await ask(request(route, cases?.good ?? {}))
    expect(status).toBe(200)
    expect(headers['content-type']).toMatch(new RegExp(`^${route.gives.type}`))
    expect(headers['x-request-id']).toBeTruthy()
    if (body !== undefined) expectFits(route.gives.schema, body)
    if (route.gives.type === LINES_TYPE) {
      for (const line of text.trimEnd().split('\n')) expectFits(route.gives.schema, JSON.parse(line))
    }
  })

  it.each(cases?.bad ?? [])('refuses %j', async (options, code) => {
    const { ask } = await furnished()
    const { status, body } = await ask(request(route, options))
    expect(body).toMatchObject({ error: { code } })
    expect(status).toBeGreaterThanOrEqual(400)
    expect(status).toBeLessThan(500)
  })

  it('is answered before the engine is ready only where that makes sense', async () => {
    const { ask } = await openServer({ engine: fakeEngine({ ready: false, items: 3 }) })
    const { status, body, headers } = await ask(request(route, cases?.good ?? {}))
    if (name === 'ready') {
      expect([status, body]).toMatchObject([503, { ready: false, phase: 'replaying the log' }])
    } else if (route.early) expect(status).toBe(200)
    else {
      expect([status, body]).toMatchObject([503, { error: { code: 'ERR_NOT_READY' } }])
      expect(headers['retry-after']).toBe('1')
    }
  })

  it('needs a key with its right, and no other', async () => {
    const { ask } = await furnished({ apiKeys: testKeys })
    const good = request(route, cases?.good ?? {})
    const refused = async (headers: Record<string, string>) => {
      const { body } = await ask({ ...good, headers: { ...good.headers, ...headers } })
      return (body as { error?: { code: string } } | undefined)?.error?.code
    }
    if (route.needs === 'none') {
      expect(await refused({})).toBeUndefined()
      return
    }
    expect(await refused({})).toBe('ERR_KEY_INVALID')
    expect(await refused({ authorization: 'Bearer key-to-nothing' })).toBe('ERR_KEY_INVALID')
    for (const { key, rights } of testKeys) {
      if (rights.includes(route.needs)) {
        if (!endless) expect(await refused({ authorization: `Bearer ${key}` })).toBeUndefined()
        if (!endless && route.method === 'GET') expect(await refused({ 'x-api-key': key })).toBeUndefined()
      } else expect(await refused({ authorization: `Bearer ${key}` })).toBe('ERR_KEY_FORBIDDEN')
    }
  })
})

describe('what was sent arrives', () => {
  it('events, one by one', async () => {
    const { ask } = await openServer()
    const { body } = await ask({
      method: 'POST',
      url: '/v1/events',
      payload: { events: [click, click, { ...click, id: 'e2', completion: 2 }, 7] },
    })
    expect(body).toMatchObject({ accepted: 1, duplicate: 1, rejected: [{ index: 2 }, { index: 3 }] })
  })

  it('JSON lines: any number, over batches, with the places of the bad ones', async () => {
    const { ask, engine } = await openServer()
    const many = Array.from({ length: 2500 }, (_, i) => ({ ...click, id: `m${i}` }))
    const text = `${lines(...many.slice(0, 1200))}\n\nnonsense\n${lines({ id: 'x' }, ...many.slice(1200))}\n`
    const { status, body } = await ask({ method: 'POST', url: '/v1/events', payload: text, headers: asLines })
    expect(status).toBe(200)
    expect(body).toMatchObject({
      accepted: 2500,
      duplicate: 0,
      rejected: [
        { index: 1201, code: 'ERR_BODY_INVALID' },
        { index: 1202, code: 'ERR_EVENT_INVALID' },
      ],
    })
    expect(engine.status().events).toBe(2500)
  })

  it('no text that is not UTF-8: two ids would become one', async () => {
    const { ask } = await openServer()
    const latin = (text: string) => Buffer.from(text, 'latin1')
    const lines = latin('{"id":"caf\u00e9"}\n{"id":"caf\u00e8"}\n{"id":"tea"}\n')
    const put = { method: 'PUT', url: '/v1/items' } as const
    const { body } = await ask({ ...put, headers: { 'content-type': 'application/x-ndjson' }, payload: lines })
    expect(body).toMatchObject({ accepted: 1, rejected: [{ index: 0 }, { index: 1 }] })
    for (const length of [undefined, '12']) {
      const headers = { 'content-type': 'application/json', ...(length && { 'content-length': length }) }
      const payload = length ? latin('[{"id":"\u00e9"}]') : Readable.from([latin('[{"id":"\u00e9"}]')])
      const refused = await ask({ ...put, headers, payload })
      expect([refused.status, refused.text]).toEqual([400, expect.stringContaining('UTF-8')])
    }
  })

  it('items as JSON lines, and out again', async () => {
    const { ask, engine } = await openServer({ engine: fakeEngine() })
    const all = Array.from({ length: 3000 }, (_, i) => ({ id: `i${i}`, title: `Ærlig ${i} \u2028` }))
    const put = await ask({ method: 'PUT', url: '/v1/items', payload: lines(...all), headers: asLines })
    expect(put.body).toEqual({ accepted: 3000, added: 3000, changed: 0, unchanged: 0, rejected: [] })
    expect(engine.status().items).toBe(3000)
    const { text } = await ask('/v1/export/items')
    expect(text).toBe(`${lines(...all)}\n`)
  })

  it('the record of a path, under the id of the path', async () => {
    const { ask } = await openServer()
    await ask({ method: 'PUT', url: '/v1/items/a%20b', payload: { price: 3 } })
    expect((await ask('/v1/items/a%20b')).body).toEqual({ id: 'a b', price: 3 })
    await ask({ method: 'DELETE', url: '/v1/items/a%20b' })
    expect((await ask('/v1/items/a%20b')).status).toBe(404)
  })

  it('a deletion whose client names a type for the body that it does not have', async () => {
    const { ask } = await openServer()
    await ask({ method: 'PUT', url: '/v1/items/a', payload: { price: 3 } })
    const headers = { 'content-type': 'application/json' }
    expect((await ask({ method: 'DELETE', url: '/v1/items/a', headers })).status).toBe(200)
    expect((await ask('/v1/items/a')).status).toBe(404)
    expect((await ask({ method: 'PUT', url: '/v1/items/a', headers })).body).toMatchObject({
      error: { code: 'ERR_BODY_INVALID' },
    })
  })

  it('an empty export is an empty body', async () => {
    const { ask } = await openServer({ engine: fakeEngine() })
    expect(await ask('/v1/export/items')).toMatchObject({ status: 200, text: '' })
  })
})
