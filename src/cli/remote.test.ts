import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { remotePlatform } from './remote.ts'

const open: (() => void)[] = []
afterEach(() => {
  for (const close of open.splice(0)) close()
})

async function serving(answer: RequestListener): Promise<string> {
  const server = createServer(answer)
  open.push(() => {
    server.closeAllConnections()
    server.close()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const line = (id: string) => `${JSON.stringify({ id, kind: 'click', item: 'i1', at: 1 })}\n`
/** A busy server: the head of the answer comes at once, the rest a good while later. */
const LATER_MS = 700

it('waits for the latest events of a busy server, and ends with them', async () => {
  const asked: string[] = []
  const url = await serving((request, reply) => {
    asked.push(request.url ?? '')
    reply.writeHead(200, { 'content-type': 'application/x-ndjson' })
    reply.flushHeaders()
    setTimeout(() => reply.end(line('a') + line('b')), LATER_MS)
  })
  const ids: string[] = []
  for await (const { id } of remotePlatform({ url }).tail(2, false, new AbortController().signal)) ids.push(id)
  expect(ids).toEqual(['a', 'b'])
  expect(asked).toEqual(['/v1/events/tail?last=2&follow=false'])
})

it('follows until it is told to stop', async () => {
  const url = await serving((_, reply) => {
    reply.writeHead(200, { 'content-type': 'application/x-ndjson' })
    reply.write(line('a'))
    setTimeout(() => reply.write(line('b')), 50)
  })
  const stop = new AbortController()
  const ids: string[] = []
  for await (const { id } of remotePlatform({ url }).tail(1, true, stop.signal)) {
    ids.push(id)
    if (ids.length === 2) stop.abort()
  }
  expect(ids).toEqual(['a', 'b'])
})
