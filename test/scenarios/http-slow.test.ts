import { connect } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, expect, it } from 'vitest'
import { limits } from '../../src/server/limits.ts'
import { openServer } from '../../src/server/testing/open-server.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const slow = (path: string, type: string) =>
  `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${type}\r\nContent-Length: 18\r\n\r\n{`

/** A server, and clients that send the head of a request, a byte of its body, and no more. */
async function serve() {
  const { server } = await openServer({ config: { drainMs: 200 } })
  closing.push(() => server.close())
  const { url } = await server.listen()
  const begin = async (count: number, sent: string) => {
    const clients = await Promise.all(
      Array.from({ length: count }, async () => {
        const client = { socket: connect(Number(new URL(url).port), '127.0.0.1'), told: '' }
        client.socket.on('error', () => {}).on('data', (data) => (client.told += String(data)))
        await new Promise((resolve) => client.socket.write(sent, resolve))
        return client
      }),
    )
    closing.push(() => {
      for (const { socket } of clients) socket.destroy()
    })
    await wait(300)
    return clients
  }
  const slate = async () => {
    const headers = { 'content-type': 'application/json' }
    return (await fetch(`${url}/v1/slates`, { method: 'POST', headers, body: '{"surface":"home"}' })).status
  }
  return { begin, slate }
}

it('slow clients hold no place of those that run; the slowest gives way to who comes', async () => {
  const { begin, slate } = await serve()
  const clients = await begin(limits.arrivingMax, slow('/v1/slates', 'application/json'))
  await wait(limits.arrivalMsLeast)
  expect([await slate(), await slate()]).toEqual([200, 200])
  await expect.poll(() => clients.filter(({ told }) => told.includes('ERR_REQUEST_SLOW')).length).toBe(1)
  expect(clients.filter(({ socket }) => socket.destroyed)).toHaveLength(1)
})

it('slow uploads keep nobody from slates', async () => {
  const { begin, slate } = await serve()
  const clients = await begin(limits.inFlightMax, slow('/v1/events', 'application/x-ndjson'))
  expect(await slate()).toBe(200)
  expect(clients.filter(({ told }) => told.includes('ERR_OVERLOADED'))).toHaveLength(
    limits.inFlightMax - limits.uploadsMax,
  )
})
