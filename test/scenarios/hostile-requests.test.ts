import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Started, start } from './cli-process.ts'

/** One real server; everything here is sent over real sockets by a client that knows no better. */
let cwd = ''
let server: Started
let url = ''
const items = Array.from({ length: 40 }, (_, i) => ({ id: `i${i}`, title: `Item ${i}`, creator: `c${i % 5}` }))

beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'sluice-hostile-'))
  server = start(['up', '--data', 'data', '--world', 'none', '--port', '0', '--json'], { cwd })
  url = (await server.until(/"url":"([^"]+)"/))[1] as string
  await send('PUT', '/v1/items', items)
})
afterAll(async () => {
  server.child.kill('SIGTERM')
  expect((await server.ended).code).toBe(0)
  expect(server.printed.err).not.toContain('incident') // nothing broke inside, whatever was sent
  rmSync(cwd, { recursive: true, force: true })
})

interface Answer {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape are looked into
  readonly body: any
}

async function send(method: string, path: string, body?: unknown): Promise<Answer> {
  const answer = await fetch(url + path, {
    method,
    ...(body === undefined
      ? {}
      : {
          headers: { 'content-type': 'application/json' },
          body: typeof body === 'string' ? body : JSON.stringify(body),
        }),
  })
  return { status: answer.status, body: await answer.json() }
}
const events = (...batch: unknown[]) => send('POST', '/v1/events', { events: batch })
const slates = (request: unknown) => send('POST', '/v1/slates', request)

let made = 0
const click = (changes: object = {}) => ({
  id: `h-${made++}`,
  kind: 'click',
  user: 'u1',
  item: 'i1',
  at: Date.now(),
  ...changes,
})

describe('a body that is no request', () => {
  it.each([
    ['cut short', '{"events": ['],
    ['empty', ''],
    ['null', 'null'],
    ['a number', '7'],
    ['an array', '[]'],
    ['events that are no array', '{"events":{}}'],
    ['NaN', '{"events":[{"id":"x","kind":"watch","user":"u1","item":"i1","value":NaN,"at":1}]}'],
    ['a reach into prototypes', '{"events":[],"__proto__":{"x":1}}'],
    ['nested without end', `{"events":${'['.repeat(50_000)}${']'.repeat(50_000)}`],
  ])('%s is refused with its place', async (_name, body) => {
    const answer = await send('POST', '/v1/events', body)
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'ERR_BODY_INVALID' } } })
    expect(answer.body.error.message).toMatch(/^Cannot read the request: /)
  })

  it('of 10 MB is answered, not broken off, also for a client that sends it all first', async () => {
    for (const path of ['/v1/events', '/v1/slates']) {
      const answer = await send('POST', path, `{"query":"${'x'.repeat(10_000_000)}"}`)
      expect(answer).toMatchObject({ status: 413, body: { error: { code: 'ERR_BODY_TOO_LARGE' } } })
    }
  })
})

describe('events', () => {
  it('are judged one by one: the wrong spoil no right one', async () => {
    const wrong: [object | null | number | string, string][] = [
      [null, 'ERR_EVENT_INVALID'],
      [5, 'ERR_EVENT_INVALID'],
      ['x', 'ERR_EVENT_INVALID'],
      [[], 'ERR_EVENT_INVALID'],
      [click({ user: 5 }), 'ERR_EVENT_INVALID'],
      [click({ position: -1 }), 'ERR_EVENT_INVALID'],
      [click({ completion: 2 }), 'ERR_EVENT_INVALID'],
      [click({ extra: 1 }), 'ERR_EVENT_INVALID'],
      [click({ id: 'x'.repeat(129) }), 'ERR_EVENT_INVALID'],
      [click({ user: 'a\u0000b' }), 'ERR_EVENT_INVALID'],
      [click({ user: '\ud800' }), 'ERR_EVENT_INVALID'],
      [click({ kind: 'constructor' }), 'ERR_KIND_UNKNOWN'],
      [click({ kind: '__proto__' }), 'ERR_KIND_UNKNOWN'],
      [click({ item: undefined }), 'ERR_EVENT_INCOMPLETE'],
      [click({ user: undefined }), 'ERR_EVENT_INCOMPLETE'],
      [click({ item: 'nope' }), 'ERR_ITEM_UNKNOWN'],
      [click({ at: Date.now() + 3_600_000 }), 'ERR_EVENT_FUTURE'],
      [click({ at: Date.now() / 1000 }), 'ERR_EVENT_TOO_OLD'],
      [click({ at: '2026-13-45' }), 'ERR_TIME_INVALID'],
      [click({ at: 8.65e15 }), 'ERR_TIME_INVALID'],
    ]
    const { status, body } = await events(click(), ...wrong.map(([event]) => event), click())
    expect(status).toBe(200)
    expect(body).toMatchObject({ accepted: 2, duplicate: 0 })
    expect(body.rejected.map((one: { index: number; code: string }) => [one.index, one.code])).toEqual(
      wrong.map(([, code], index) => [index + 1, code]),
    )
  })

  it('with an infinite value are refused, with an absurd one kept, and slates stay finite', async () => {
    const at = Date.now()
    const infinite = `{"events":[{"id":"inf","kind":"watch","user":"u1","item":"i1","value":1e999,"at":${at}}]}`
    expect((await send('POST', '/v1/events', infinite)).body.rejected).toMatchObject([{ code: 'ERR_EVENT_INVALID' }])
    const absurd = [1e308, 5e-324].map((value) => click({ kind: 'watch', item: 'i2', user: 'absurd', value }))
    absurd.push(click({ kind: 'like', item: 'i2', user: 'absurd', value: -1e308 })) // of a kind that has no value
    expect((await events(...absurd)).body).toMatchObject({ accepted: 3 })
    const { body } = await slates({ surface: 'home', user: 'absurd', limit: 20 })
    expect(body.items.length).toBeGreaterThan(0)
    for (const { score } of body.items) expect(Number.isFinite(score)).toBe(true)
  })

  it('sent 100,000 times under one id count once, in batches of one id and over many connections', async () => {
    const event = click({ user: 'flood', kind: 'like' })
    const first = await events(...Array.from({ length: 5000 }, () => event))
    expect(first.body).toMatchObject({ accepted: 1, duplicate: 4999, rejected: [] })
    let accepted = 0
    let duplicate = 0
    const other = click({ user: 'flood', kind: 'like', item: 'i2' })
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        const { body } = await events(...Array.from({ length: 4750 }, () => other))
        accepted += body.accepted
        duplicate += body.duplicate
      }),
    )
    expect([accepted, duplicate]).toEqual([1, 94_999])
    expect((await send('GET', '/v1/users/flood')).body).toMatchObject({ historyLength: 2 })
  })

  it('of a user who is being erased are refused from then on, and nothing is left', async () => {
    let erased = false
    const refused = new Set<string>()
    let acceptedAfter = 0
    const flow = Array.from({ length: 4 }, async () => {
      for (let n = 0; n < 400 && refused.size === 0; n++) {
        const after = erased
        const { body } = await events(click({ user: 'gone', item: `i${n % 40}` }))
        if (after) acceptedAfter += body.accepted
        for (const { code } of body.rejected) refused.add(code)
      }
    })
    await events(click({ user: 'gone' }))
    const { status, body } = await send('DELETE', '/v1/users/gone')
    erased = true
    await Promise.all(flow)
    expect(status).toBe(200)
    expect(body.erased.journal).toBeGreaterThan(0)
    expect([...refused]).toEqual(['ERR_USER_ERASED'])
    expect(acceptedAfter).toBe(0)
    expect(await send('GET', '/v1/users/gone')).toMatchObject({ status: 404 })
    expect(await (await fetch(`${url}/v1/export/events`)).text()).not.toContain('"gone"')
  })
})

describe('items and users', () => {
  it('that would not come back from the disk as they were are refused', async () => {
    const records = [{ id: '\ud800x' }, { id: 'a', tags: ['ok', '\udfff'] }, { id: 'b', attributes: { '\ud800': 1 } }]
    const { body } = await send('PUT', '/v1/items', records)
    expect(body.accepted).toBe(0)
    expect(body.rejected.map((one: { message: string }) => one.message.split(' ')[0])).toEqual([
      '/id',
      '/tags/1',
      '/attributes',
    ])
    expect((await send('PUT', '/v1/users', [{ id: '\ud800' }])).body).toMatchObject({ accepted: 0 })
  })

  it('may have odd and long names, and dates that exist', async () => {
    const long = '🦊'.repeat(128)
    const odd = ['__proto__', 'constructor', 'a/b?c#d%', ' ', 'é', 'e\u0301', long].map((id) => ({
      id,
      tags: [id.slice(0, 8)],
    }))
    expect((await send('PUT', '/v1/items', odd)).body).toMatchObject({ accepted: 7, rejected: [] })
    for (const { id } of odd) {
      expect((await send('GET', `/v1/items/${encodeURIComponent(id)}`)).body.id).toBe(id)
      expect((await events(click({ user: id, item: id }))).body.accepted).toBe(1)
      const { body } = await send('GET', `/v1/users/${encodeURIComponent(id)}`)
      expect(body.history).toMatchObject([{ item: id, kind: 'click' }])
    }
    const never = [
      { id: 't1', published: 1e300 },
      { id: 't2', expires: 1e300 },
      { id: 't3', published: 'some time ago' },
    ]
    expect((await send('PUT', '/v1/items', never)).body).toMatchObject({ accepted: 0 })
    const { body } = await send('PUT', '/v1/items', [
      { id: 'tags64', tags: Array.from({ length: 64 }, (_, i) => `t${i}`) },
      { id: 'tags65', tags: Array.from({ length: 65 }, (_, i) => `t${i}`) },
    ])
    expect(body).toMatchObject({ accepted: 1, rejected: [{ index: 1 }] })
  })
})

describe('a wish for a slate', () => {
  const deep = (depth: number) =>
    `{"surface":"home","filter":${'{"not":'.repeat(depth)}{"field":"tag","is":"x"}${'}'.repeat(depth)}}`
  it.each([
    ['ERR_SURFACE_UNKNOWN', { surface: 'nope' }],
    ['ERR_SURFACE_UNKNOWN', { surface: 'constructor' }],
    ['ERR_SURFACE_UNKNOWN', { surface: 'toString' }],
    ['ERR_SURFACE_UNKNOWN', '{"surface":"__proto__"}'],
    ['ERR_ITEM_REQUIRED', { surface: 'next' }],
    ['ERR_ITEM_NOT_FOUND', { surface: 'next', item: 'nope' }],
    ['ERR_QUERY_REQUIRED', { surface: 'search', query: '   ' }],
    ['ERR_BODY_INVALID', {}],
    ['ERR_BODY_INVALID', { surface: 'home', limit: 0 }],
    ['ERR_BODY_INVALID', { surface: 'home', limit: 201 }],
    ['ERR_BODY_INVALID', { surface: 'home', limit: '5' }],
    ['ERR_BODY_INVALID', { surface: 'home', at: 1e300 }],
    ['ERR_BODY_INVALID', { surface: 'home', at: 'some other time' }],
    ['ERR_BODY_INVALID', { surface: 'home', exclude: Array.from({ length: 1001 }, () => 'x') }],
    ['ERR_RULE_INVALID', { surface: 'home', filter: {} }],
    ['ERR_RULE_INVALID', { surface: 'home', filter: { field: 'duration', min: 5, max: 1 } }],
    ['ERR_RULE_INVALID', deep(9)],
    ['ERR_BODY_INVALID', deep(10_000)],
    ['ERR_CURSOR_INVALID', { surface: 'home', cursor: 'garbage' }],
    ['ERR_CURSOR_INVALID', { surface: 'home', cursor: '' }],
  ])('%s: %j', async (code, request) => {
    const { status, body } = await slates(request)
    expect(body.error?.code).toBe(code)
    expect(status).toBe(code === 'ERR_ITEM_NOT_FOUND' ? 404 : 400)
  })

  it('takes a cursor as it was given, for its surface, and never repeats an item, whoever asks', async () => {
    const first = (await slates({ surface: 'home', user: 'u1', limit: 3 })).body
    const shown = first.items.map((one: { item: string }) => one.item)
    for (const user of ['u1', 'u2', undefined]) {
      const { body } = await slates({ surface: 'home', user, limit: 3, cursor: first.cursor })
      expect(body.items.filter((one: { item: string }) => shown.includes(one.item))).toEqual([])
    }
    const [head, tail] = first.cursor.split('.')
    for (const cursor of [`${head}.${tail}x`, `${head}A.${tail}`, `.${tail}`, head, `${head}.`]) {
      expect((await slates({ surface: 'home', user: 'u1', cursor })).body.error?.code).toBe('ERR_CURSOR_INVALID')
    }
    const elsewhere = await slates({ surface: 'continue', user: 'u1', cursor: first.cursor })
    expect(elsewhere.body.error.code).toBe('ERR_CURSOR_INVALID')
  })
})
