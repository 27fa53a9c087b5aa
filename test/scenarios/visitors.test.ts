import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { sluice, start } from './cli-process.ts'

let cwd = ''
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'sluice-visitors-'))
})
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

interface Status {
  readonly events: number
  readonly world?: { readonly users: number; readonly seed: string }
}
const statusOf = async (url: string) => (await (await fetch(`${url}/v1/status`)).json()) as Status

async function up(...words: string[]) {
  const server = start(['up', '--port', '0', '--json', ...words], { cwd })
  await server.until(/"ready"/)
  return { ...server, url: (JSON.parse(server.printed.out) as { url: string }).url }
}

it('nobody visits unasked under --json; sluice visitors brings users, whose events the platform takes', async () => {
  const server = await up('--data', 'd', '--world', 'small')
  const { events: before, world } = await statusOf(server.url)
  expect(world).toMatchObject({ users: 300, seed: 'sluice' })
  await wait(700)
  expect((await statusOf(server.url)).events).toBe(before)

  const { code, out } = await sluice(['visitors', '--data', 'd', '--rate', '60', '--slates', '80', '--json'], { cwd })
  expect(code).toBe(0)
  const report = JSON.parse(out) as Record<string, number> & { errors: object }
  expect(report.errors).toEqual({})
  expect(report['slates']).toBe(80)
  expect(report['events']).toBeGreaterThan(report['slates'])
  expect((await statusOf(server.url)).events).toBe(before + (report['events'] as number))
  // Short as the visit was, all that was done is told: an event at least for each impression and click.
  expect(report['events']).toBeGreaterThanOrEqual((report['impressions'] as number) + (report['clicks'] as number))
  expect(report['satisfaction']).toBeGreaterThan(0.2)
  expect(report['satisfaction']).toBeLessThan(1)
  // What the platform kept are their events about its slates.
  const tail = (await sluice(['events', 'tail', '--last', '50', '--data', 'd', '--json'], { cwd })).out
    .trim()
    .split('\n')
  const told = tail.map((line) => JSON.parse(line) as { user: string; kind: string; slate?: string })
  expect(told.every(({ user, kind, slate }) => /^u\d{5}$/.test(user) && (kind === 'search' || slate))).toBe(true)

  expect(report['untold']).toBe(0)

  // Stopped in the middle, the report counts what was seen and not told.
  const held = (await statusOf(server.url)).events
  const stopped = start(['visitors', '--data', 'd', '--rate', '60', '--json', '--every', '1'], { cwd })
  await stopped.until(/"slates":[1-9]/)
  stopped.child.kill('SIGINT')
  const { out: lines, err } = await stopped.ended
  const last = JSON.parse(lines.trim().split('\n').at(-1) as string) as { events: number; untold: number }
  expect(last.untold).toBeGreaterThan(0)
  expect(err).toContain(`Stopped: ${last.untold.toLocaleString('en')} event`)
  expect((await statusOf(server.url)).events).toBe(held + last.events)

  server.child.kill('SIGTERM')
  expect((await server.ended).code).toBe(0)
})

it('visitors of a server act while it serves, in a process that goes with it', async () => {
  const server = await up('--data', 'd', '--world', 'small', '--visitors', '50')
  const { events: before } = await statusOf(server.url)
  while ((await statusOf(server.url)).events < before + 200) await wait(50)
  expect(server.printed.out.trim().split('\n')).toHaveLength(1)
  server.child.kill('SIGTERM')
  expect((await server.ended).code).toBe(0)
  expect(server.printed.err).not.toMatch(/error|left/)
})

it('refuses visitors where no world was made', async () => {
  const refused = start(['up', '--data', 'empty', '--world', 'none', '--port', '0', '--visitors', '5'], { cwd })
  expect((await refused.ended).code).toBe(2)
  expect(refused.printed.err).toMatch(/error: Nobody can visit .*empty.*simulated platform/)
  const server = await up('--data', 'empty', '--world', 'none')
  const { code, err } = await sluice(['visitors', '--url', server.url], { cwd })
  expect(code).toBe(2)
  expect(err).toMatch(/Try sluice load/)
  server.child.kill('SIGTERM')
  await server.ended
})
