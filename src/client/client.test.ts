import { afterEach, describe, expect, it } from 'vitest'
import { createClient } from './client.ts'
import { ClientError } from './errors.ts'
import { type Reply, type Scripted, scriptedServer } from './testing/scripted-server.ts'

const open: Scripted[] = []
afterEach(async () => {
  for (const server of open.splice(0)) await server.close()
})

async function serving(reply: Parameters<typeof scriptedServer>[0]) {
  const server = await scriptedServer(reply)
  open.push(server)
  return server
}

const slate = { slate: 's1', items: [{ item: 'a' }] }
const refusal = (code: string, more: object = {}) => ({ error: { code, message: `Cannot: ${code}`, ...more } })
const failing = (work: Promise<unknown>) =>
  work.then(
    () => expect.unreachable('it went well'),
    (error: unknown) => error as ClientError,
  )

describe('a call', () => {
  it('sends the request with key and headers, and gives the answer', async () => {
    const server = await serving(() => [200, slate])
    let span = 0
    const headers = () => ({ traceparent: `t${++span}` })
    const client = createClient({ url: `${server.url}/`, key: 'k', headers })
    expect(await client.slate({ surface: 'home', user: 'ann' })).toEqual(slate)
    await client.item('a/b ä')
    const [first, second] = server.asked
    expect(first).toMatchObject({ method: 'POST', path: '/v1/slates', body: { surface: 'home', user: 'ann' } })
    expect(first?.headers).toMatchObject({ authorization: 'Bearer k', traceparent: 't1' })
    expect(second).toMatchObject({ method: 'GET', path: '/v1/items/a%2Fb%20%C3%A4', body: undefined })
    expect(second?.headers['traceparent']).toBe('t2')
  })

  it('fails with what the server says, at once', async () => {
    const server = await serving(() => [400, refusal('ERR_BODY_INVALID', { where: '/limit' })])
    const error = await failing(createClient({ url: server.url }).slate({ surface: 'home' }))
    expect(error).toBeInstanceOf(ClientError)
    expect(error).toMatchObject({ code: 'ERR_BODY_INVALID', status: 400, where: '/limit', passing: false })
    expect(server.asked).toHaveLength(1)
  })

  it.each<[string, Reply]>([
    ['a server that starts', [503, refusal('ERR_NOT_READY'), { 'retry-after': '0.05' }]],
    ['a gateway without one', [502, '<html>']],
    ['a connection that is cut', 'cut'],
  ])('is tried again after %s', async (_, first) => {
    const server = await serving((_, count) => (count === 1 ? first : [200, slate]))
    expect(await createClient({ url: server.url }).slate({ surface: 'home' })).toEqual(slate)
    expect(server.asked).toHaveLength(2)
  })

  it('is tried three times, and then says what came last', async () => {
    const server = await serving(() => [503, refusal('ERR_OVERLOADED'), { 'retry-after': '0.01' }])
    const error = await failing(createClient({ url: server.url }).slate({ surface: 'home' }))
    expect(error).toMatchObject({ code: 'ERR_OVERLOADED', status: 503, retryAfterMs: 10, passing: true })
    expect(server.asked).toHaveLength(3)
  })

  it('does not wait for longer than it may', async () => {
    const server = await serving(() => [503, refusal('ERR_STOPPING'), { 'retry-after': '5' }])
    const error = await failing(createClient({ url: server.url, slateMs: 300 }).slate({ surface: 'home' }))
    expect(error.code).toBe('ERR_STOPPING')
    const silent = await serving(() => 'silent')
    const late = await failing(createClient({ url: silent.url, slateMs: 50 }).slate({ surface: 'home' }))
    expect(late).toMatchObject({ code: 'ERR_CLIENT_TIMEOUT', status: 0 })
    expect(late.message).toContain(silent.url)
    expect(silent.asked).toHaveLength(1)
  })

  it('ends with the signal of whoever asks', async () => {
    const server = await serving(() => 'silent')
    const stop = new AbortController()
    const ended = failing(createClient({ url: server.url }).slate({ surface: 'home' }, stop.signal))
    stop.abort()
    expect(await ended).toMatchObject({ name: 'AbortError' })
  })

  it('says that no server is there, and what is no answer of one', async () => {
    const server = await serving(() => [200, '<html>'])
    expect(await failing(createClient({ url: server.url }).item('a'))).toMatchObject({
      code: 'ERR_ANSWER',
      status: 200,
    })
    await server.close()
    const error = await failing(createClient({ url: server.url, timeoutMs: 50 }).item('a'))
    expect(error.code).toBe('ERR_SERVER_UNREACHABLE')
    expect(error.message).toContain('ECONNREFUSED')
    expect(() => createClient({ url: 'localhost' })).toThrow('Cannot make a client for "localhost"')
  })

  it('puts any number of records, and points at what was turned away', async () => {
    const server = await serving(({ body }) => {
      const { length } = body as unknown[]
      const rejected = length < 1000 ? [{ index: 2, code: 'ERR_BODY_INVALID', message: 'no' }] : []
      return [200, { accepted: length - rejected.length, added: length, changed: 0, unchanged: 0, rejected }]
    })
    const items = Array.from({ length: 2003 }, (_, i) => ({ id: `i${i}` }))
    const report = await createClient({ url: server.url }).putItems(items)
    expect(report).toMatchObject({ accepted: 2002, added: 2003 })
    expect(report.rejected.map(({ index }) => index)).toEqual([2002])
    expect(server.asked.map(({ body }) => (body as unknown[]).length)).toEqual([1000, 1000, 3])
  })
})
