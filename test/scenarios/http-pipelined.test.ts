import { connect } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, expect, it } from 'vitest'
import { limits } from '../../src/server/limits.ts'
import { fakeEngine } from '../../src/server/testing/fake-engine.ts'
import { openServer } from '../../src/server/testing/open-server.ts'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const slate =
  'POST /v1/slates HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 18\r\n\r\n{"surface":"home"}'

/** A server whose first answers wait for the gate, and a way to send it requests without waiting for answers. */
async function serve(items = 0) {
  const engine = fakeEngine({ items })
  let open = () => {}
  const gate = new Promise<void>((resolve) => {
    open = resolve
  })
  engine.before = () => gate
  const { server, ask, metrics } = await openServer({ engine, config: { drainMs: 200 } })
  closing.push(() => server.close())
  const port = Number(new URL((await server.listen()).url).port)
  const begin = (sent: string) => {
    const socket = connect(port, '127.0.0.1').on('error', () => {})
    closing.push(async () => socket.destroy())
    socket.write(sent)
    return socket
  }
  const leave = async (sent: string) => {
    const socket = begin(sent)
    await wait(40)
    socket.destroy()
    await wait(10)
  }
  const running = async () => Number(/requests_in_flight (\d+)/.exec(await metrics.text())?.[1])
  return { engine, ask, open, begin, leave, running }
}

it('requests that wait for their turn on a connection give their places back when the client leaves', async () => {
  const { ask, open, leave, running } = await serve()
  for (let sent = 0; sent < limits.inFlightMax; sent += 64) await leave(slate.repeat(64))
  open()
  await expect.poll(running).toBe(0)
  expect((await ask({ method: 'POST', url: '/v1/slates', payload: { surface: 'home' } })).status).toBe(200)
})

it('so do followers and exports', async () => {
  const { engine, ask, open, leave } = await serve()
  const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`
  await leave(
    slate + get('/v1/events/tail').repeat(limits.tailsMax) + get('/v1/export/items').repeat(limits.exportsMax),
  )
  open()
  await expect.poll(() => engine.following).toBe(0)
  expect((await ask('/v1/export/items')).status).toBe(200)
})

it('a client that reads none of its answers gives their places back after a while; one that waits for an answer stays', async () => {
  const usual = limits.stalledMsMax
  Object.assign(limits, { stalledMsMax: 300 })
  closing.push(async () => Object.assign(limits, { stalledMsMax: usual }))
  const { engine, ask, open, begin } = await serve(200)
  const body = '{"surface":"home","limit":200}'
  const big = slate.replace(/18\r\n\r\n.*/, `${body.length}\r\n\r\n${body}`)
  const waiting = begin(slate).resume()
  await wait(50)
  engine.before = () => Promise.resolve()
  for (let clients = 0; clients < 3; clients++) begin(big.repeat(limits.inFlightMax)).pause()
  const status = async () => (await ask({ method: 'POST', url: '/v1/slates', payload: { surface: 'home' } })).status
  await expect.poll(status, { timeout: 5000, interval: 10 }).toBe(503)
  await expect.poll(status, { timeout: 10_000 }).toBe(200)
  expect(waiting.destroyed).toBe(false)
  open()
  await expect.poll(() => waiting.bytesRead).toBeGreaterThan(0)
})
