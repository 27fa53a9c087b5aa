import { afterEach, expect, it } from 'vitest'
import type { EventInput } from '../domain/index.ts'
import { type Client, type ClientOptions, createClient } from './client.ts'
import type { ClientError } from './errors.ts'
import { type Asked, type Reply, type Scripted, scriptedServer } from './testing/scripted-server.ts'

const servers: Scripted[] = []
const clients: Client[] = []
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close(0)
  for (const server of servers.splice(0)) await server.close()
})

const eventsOf = ({ body }: Asked) => (body as { events: EventInput[] }).events
const took = (asked: Asked): Reply => [200, { accepted: eventsOf(asked).length, duplicate: 0, rejected: [] }]
const refusal = (code: string) => ({ error: { code, message: 'Cannot' } })
const busy: Reply = [503, refusal('ERR_OVERLOADED'), { 'retry-after': '0.01' }]

async function talking(reply: (asked: Asked, count: number) => Reply, events: ClientOptions['events'] = {}) {
  const server = await scriptedServer(reply)
  servers.push(server)
  const lost: [readonly EventInput[], ClientError][] = []
  const rejected: [EventInput, { code: string }][] = []
  const told = {
    onLost: (some: readonly EventInput[], why: ClientError) => void lost.push([some, why]),
    onRejected: (event: EventInput, why: { code: string }) => void rejected.push([event, why]),
  }
  const client = createClient({ url: server.url, events: { ...told, ...events } })
  clients.push(client)
  const click = (item: string) => client.send({ kind: 'click', user: 'ann', item })
  return { server, client, click, lost, rejected }
}
const itemsOf = (server: Scripted) =>
  server.asked.map((asked) =>
    eventsOf(asked)
      .map(({ item }) => item)
      .join(''),
  )

it('sends events together after a moment, each with an id and a time', async () => {
  const { server, client, click } = await talking(took, { delayMs: 30 })
  const before = Date.now()
  for (const item of ['a', 'b', 'c']) click(item)
  expect(client.counts.held).toBe(3)
  await expect.poll(() => client.counts).toEqual({ held: 0, accepted: 3, duplicate: 0, rejected: 0, lost: 0 })
  expect(itemsOf(server)).toEqual(['abc'])
  const sent = server.asked.flatMap(eventsOf)
  expect(new Set(sent.map(({ id }) => id)).size).toBe(3)
  for (const { at } of sent) expect(at).toBeGreaterThanOrEqual(before)
})

it('does not wait for the moment once a batch is full, and sends one after the other', async () => {
  const { server, client, click } = await talking(took, { batchMax: 2, delayMs: 60_000 })
  for (const item of ['a', 'b', 'c', 'd', 'e']) click(item)
  expect(await client.flush()).toBe(0)
  expect(itemsOf(server)).toEqual(['ab', 'cd', 'e'])
})

it('keeps ids and moments that are given', async () => {
  const { server, client } = await talking(took)
  client.send({ kind: 'like', user: 'ann', item: 'a', id: 'mine', at: 5 })
  await client.flush()
  expect(server.asked.flatMap(eventsOf)).toEqual([{ kind: 'like', user: 'ann', item: 'a', id: 'mine', at: 5 }])
})

it('sends the same events again until they arrive, in their order', async () => {
  const replies: Reply[] = [busy, 'cut', [500, refusal('ERR_INTERNAL')]]
  const { server, client, click, lost } = await talking((asked, count) => replies[count - 1] ?? took(asked))
  for (const item of ['a', 'b']) click(item)
  const flushed = client.flush()
  click('c')
  expect(await flushed).toBe(0)
  expect(itemsOf(server)).toEqual(['ab', 'abc', 'abc', 'abc'])
  const ids = server.asked.map((asked) => eventsOf(asked).map(({ id }) => id))
  expect(ids[3]).toEqual(ids[1])
  expect(lost).toEqual([])
  expect(client.counts).toMatchObject({ accepted: 3, lost: 0 })
})

it('tells of each event that the server turned away', async () => {
  const answer = { accepted: 1, duplicate: 1, rejected: [{ index: 1, code: 'ERR_ITEM_UNKNOWN', message: 'no' }] }
  const { client, click, rejected } = await talking(() => [200, answer])
  for (const item of ['a', 'b', 'c']) click(item)
  await client.flush()
  expect(rejected.map(([{ item }, { code }]) => [item, code])).toEqual([['b', 'ERR_ITEM_UNKNOWN']])
  expect(client.counts).toEqual({ held: 0, accepted: 1, duplicate: 1, rejected: 1, lost: 0 })
})

it('gives up what will never be taken, says so, and goes on', async () => {
  const { client, click, lost } = await talking((asked, count) =>
    count === 1 ? [401, refusal('ERR_KEY_INVALID')] : took(asked),
  )
  click('a')
  await client.flush()
  expect(lost.map(([events, { code }]) => [events.map(({ item }) => item), code])).toEqual([[['a'], 'ERR_KEY_INVALID']])
  click('b')
  await client.flush()
  expect(client.counts).toMatchObject({ accepted: 1, lost: 1 })
})

it('sends less at once when it was too much, down to the one event that is too large', async () => {
  const tooLarge = (asked: Asked) => eventsOf(asked).length > 2 || eventsOf(asked).some(({ item }) => item === 'd')
  const { server, client, click, lost } = await talking((asked) =>
    tooLarge(asked) ? [413, refusal('ERR_BODY_TOO_LARGE')] : took(asked),
  )
  for (const item of ['a', 'b', 'c', 'd', 'e']) click(item)
  expect(await client.flush()).toBe(0)
  expect(itemsOf(server)[0]).toBe('abcde')
  expect(lost.map(([events]) => events.map(({ item }) => item))).toEqual([['d']])
  expect(client.counts).toMatchObject({ accepted: 4, lost: 1 })
})

it('holds no more than it may, and says which event found no room', async () => {
  const { client, click, lost } = await talking(() => busy, { queueMax: 2 })
  for (const item of ['a', 'b', 'c']) click(item)
  await expect.poll(() => lost.map(([events, { code }]) => [events[0]?.item, code])).toEqual([['c', 'ERR_CLIENT_FULL']])
  expect(client.counts).toMatchObject({ held: 2, lost: 1 })
})

it('flushes for no longer than it may, and says at the end what was not sent', async () => {
  const { client, click, lost } = await talking(() => busy)
  for (const item of ['a', 'b']) click(item)
  expect(await client.flush(40)).toBe(2)
  await client.close(40)
  await expect.poll(() => lost.map(([events, { code }]) => [events.length, code])).toEqual([[2, 'ERR_CLIENT_CLOSED']])
  expect(() => click('c')).toThrow('this client was closed')
})

it('ends a request that hangs when it is closed', async () => {
  const { client, click, lost } = await talking(() => 'silent')
  click('a')
  const began = performance.now()
  await client.close(30)
  expect(performance.now() - began).toBeLessThan(5000) // a request may take ten seconds
  await expect.poll(() => lost.length).toBe(1)
})
