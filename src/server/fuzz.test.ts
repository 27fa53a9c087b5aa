import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parserOf } from '../domain/index.ts'
import { Failure } from './contract/index.ts'
import { LINES_TYPE } from './route.ts'
import { routes } from './routes.ts'
import { openServer } from './testing/open-server.ts'

/** The engine here is a fake that throws nothing of its own: a 5xx, or a line in the log, is a fault of the server. */
const { ask, logged, engine } = await openServer({ config: { bodyBytesMax: 4096, bulkBytesMax: 8192 } })
const fails = parserOf(Failure)

const bodied = routes.filter((route) => route.method !== 'GET')
const route = fc.constantFrom(...bodied)
const id = fc.constantFrom('i1', 'u1', 'none', '%00', '%zz', '..', 'a%2Fb', '%F0%9F%92%A9')

async function send(method: string, url: string, type: string, payload: string | Buffer) {
  const answer = await ask({ method: method as 'PUT', url, payload, headers: { 'content-type': type } })
  expect(answer.status, answer.text).toBeLessThan(500)
  if (answer.status >= 400) expect(fails(answer.body)).toMatchObject({ ok: true })
  expect(logged).toEqual([])
  return answer
}

/** Values near the real ones: right names, wrong or odd contents. */
const name = fc.constantFrom(
  'id',
  'kind',
  'user',
  'item',
  'at',
  'surface',
  'limit',
  'filter',
  'field',
  'not',
  'all',
  'price',
)
const odd = fc.oneof(
  fc.constantFrom<unknown>('home', 'click', 'i1', 5, -1, 1.5, 1e308, null, true, '', '\u0000', '2026-01-01', [], {}),
  fc.string({ maxLength: 20 }),
)
const { near } = fc.letrec((tie) => ({
  near: fc.oneof(
    { maxDepth: 4 },
    odd,
    fc.array(tie('near'), { maxLength: 4 }),
    fc.dictionary(name, tie('near'), { maxKeys: 5 }),
  ),
}))
const body = fc.oneof(
  near,
  near.map((value) => ({ events: [value] })),
  near.map((value) => ({ items: [value] })),
  near.map((value) => [value]),
  fc.record({ surface: fc.constant('home'), filter: near }, { requiredKeys: ['surface'] }),
)

describe('whatever is sent, the answer is a success or a 4xx in the one form', () => {
  it('values of all shapes', async () => {
    await fc.assert(
      fc.asyncProperty(route, id, body, async ({ method, path }, param, value) => {
        await send(method, path.replace(':id', param), 'application/json', JSON.stringify(value))
      }),
      { numRuns: 500 },
    )
  })

  it('bytes of all kinds', async () => {
    const type = fc.constantFrom(
      'application/json',
      LINES_TYPE,
      'application/json; charset=utf-16',
      'text/plain',
      'x',
      '/',
      '',
    )
    await fc.assert(
      fc.asyncProperty(route, type, fc.uint8Array({ maxLength: 6000 }), async ({ method, path }, media, bytes) => {
        await send(method, path.replace(':id', 'i1'), media, Buffer.from(bytes))
      }),
      { numRuns: 300 },
    )
  })

  it('JSON that was cut, doubled or garbled', async () => {
    const text = JSON.stringify({ surface: 'home', user: 'u1', filter: { any: [{ field: 'price', max: 1e9 }] } })
    await fc.assert(
      fc.asyncProperty(fc.nat(text.length), fc.string({ maxLength: 3 }), fc.nat(5), async (at, put, cut) => {
        await send('POST', '/v1/slates', 'application/json', text.slice(0, at) + put + text.slice(at + cut))
      }),
      { numRuns: 300 },
    )
  })

  it('JSON lines: every line is accounted for', async () => {
    const line = fc.oneof(
      fc.uuid().map((uuid) => JSON.stringify({ id: uuid, kind: 'click', at: 1 })),
      body.map((value) => JSON.stringify(value)),
      fc.string({ maxLength: 30 }).map((text) => text.replaceAll('\n', ' ')),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 20 }), fc.constantFrom('\n', '\r\n'), async (all, end) => {
        const { status, body } = await send('POST', '/v1/events', LINES_TYPE, all.join(end))
        if (status !== 200) return // too long
        const { accepted, duplicate, rejected } = body as { accepted: number; duplicate: number; rejected: unknown[] }
        expect(accepted + duplicate + rejected.length).toBe(all.filter((text) => text.trim() !== '').length)
      }),
      { numRuns: 300 },
    )
  })

  it('paths and queries', async () => {
    const text = fc.string({ maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(fc.constantFrom('GET', 'PUT', 'DELETE', 'OPTIONS'), text, text, async (method, path, query) => {
        if (method === 'GET' && path.startsWith('v1/events/tail')) return
        const url = `/${path.replace(/[\s#?]/g, '')}?${query.replace(/[\s#]/g, '')}`
        if (!URL.canParse(url, 'http://localhost')) return // the tool cannot send it; see test/scenarios/http-drain
        const { status, body, text } = await ask({ method: method as 'GET', url })
        expect(status, text).toBeLessThan(500)
        if (status >= 400) expect(fails(body)).toMatchObject({ ok: true })
      }),
      { numRuns: 500 },
    )
  })

  it('and afterwards it serves as before', async () => {
    expect(engine.status().ready).toBe(true)
    expect((await ask({ method: 'POST', url: '/v1/slates', payload: { surface: 'home' } })).status).toBe(200)
  })
})
