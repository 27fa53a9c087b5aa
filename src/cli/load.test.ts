import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { fakeEngine, slate } from './testing/engine.ts'
import type { FakeTerminal } from './testing/terminal.ts'
import { run } from './testing/run.ts'

let server: Server | undefined
afterEach(() => server?.close())

/** A server with one item that refuses slates, or gives them; counts how often it was asked for one. */
async function listen(gives: boolean): Promise<{ url: string; asked: () => number }> {
  let asked = 0
  const made = createServer((request, response) => {
    const path = request.url ?? ''
    if (path === '/v1/status') return response.end(JSON.stringify(fakeEngine().status()))
    if (path === '/v1/export/items') return response.end('{"id":"i1","title":"Piano at night"}\n')
    if (path === '/metrics')
      return response.end(
        `sluice_slate_duration_seconds_count{surface="home"} ${asked}\nprocess_cpu_seconds_total ${asked}\n`,
      )
    if (path !== '/v1/slates') return response.end('')
    asked++
    if (gives) return response.end(JSON.stringify(slate))
    response.statusCode = 503
    return response.end('{"error":{"code":"ERR_OVERLOADED","message":"full"}}')
  })
  server = made
  await new Promise<void>((done) => made.listen(0, '127.0.0.1', done))
  return { url: `http://127.0.0.1:${(made.address() as AddressInfo).port}`, asked: () => asked }
}

const words = (url: string, mix: string) => {
  const length = ['--rate', '100', '--seconds', '0.3', '--warm-up', '0', '--events', '0']
  return ['load', '--url', url, '--surface-mix', mix, ...length]
}

it('refuses a surface that the server does not have before it asks for one, and names those it has', async () => {
  const { url, asked } = await listen(true)
  const { code, err } = await run(words(url, 'home:1,x:1'), { folder: '.' })
  expect(code).toBe(2)
  expect(err).toMatch(/Cannot ask http:\S+ for surface "x": it has home\. Name those with --surface-mix/)
  expect(asked()).toBe(0)
})

it('succeeds with answers and fails when every request did', async () => {
  const good = await listen(true)
  expect(await run(words(good.url, 'home'), { folder: '.' })).toMatchObject({ code: 0 })
  server?.close()
  const { url, asked } = await listen(false)
  const { code, out } = await run(words(url, 'home'), { folder: '.' })
  expect(asked()).toBeGreaterThan(0)
  expect(out).toContain('ERR_OVERLOADED')
  expect(code).toBe(1)
})

it('says that it was stopped, and after how long', async () => {
  const { url, asked } = await listen(true)
  let terminal: FakeTerminal | undefined
  const length = ['--rate', '100', '--seconds', '60', '--warm-up', '0', '--events', '0', '--json']
  const words = ['load', '--url', url, '--surface-mix', 'home', ...length]
  const ended = run(words, { folder: '.' }, (own) => {
    terminal = own
  })
  while (asked() < 5) await new Promise((done) => setTimeout(done, 5))
  terminal?.stop()
  const { code, out, err } = await ended
  const report = JSON.parse(out) as { seconds: number; stoppedAfter: number; slates: { answered: number } }
  expect(code).toBe(0)
  expect(err).toContain('Stopped before its end')
  expect(report.seconds).toBe(60)
  expect(report.stoppedAfter).toBeGreaterThan(0)
  expect(report.stoppedAfter).toBeLessThan(30)
  expect(report.slates.answered).toBeGreaterThanOrEqual(5)
})
