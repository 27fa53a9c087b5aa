import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sluice, start } from './cli-process.ts'

let cwd = ''
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'sluice-up-'))
})
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

const ask = async (url: string) => (await fetch(url)).json() as Promise<Record<string, unknown>>

describe('sluice up', () => {
  it('fills an empty folder, serves, helps other commands, stops, and starts again from what it kept', async () => {
    const data = join(cwd, 'data')
    const env = { SLUICE_DATA: data, PORT: '0' }
    const up = start(['up', '--world', 'small', '--json'], { cwd, env })
    await up.until(/^Simulating/m)
    expect(existsSync(join(data, 'server.json'))).toBe(true) // others may ask how far it is
    await up.until(/"ready"/)
    const lines = up.printed.out.split('\n')
    expect(lines).toHaveLength(2) // exactly one line, ended
    const { ready, url } = JSON.parse(lines[0]) as { ready: boolean; url: string }
    expect(ready).toBe(true)
    expect(up.printed.err).toMatch(/^Simulating a platform: [\d,]+ of [\d,]+ in /m) // plain lines: nobody watches
    expect(up.printed.err).not.toContain('\u001b')
    expect(await ask(`${url}/ready`)).toMatchObject({ ready: true })

    const status = await sluice(['status', '--json'], { cwd, env })
    expect(JSON.parse(status.out)).toMatchObject({ where: url, ready: true, items: 600 })
    const slate = await sluice(['slate', 'home', '--limit', '4', '--json'], { cwd, env })
    const { slate: id, items } = JSON.parse(slate.out) as { slate: string; items: unknown[] }
    expect(items).toHaveLength(4)
    expect((await sluice(['explain', id], { cwd, env })).out).toContain('Funnel')
    expect((await sluice(['events', 'tail', '--last', '3'], { cwd, env })).out.trim().split('\n')).toHaveLength(3)
    const load = await sluice(
      ['load', '--rate', '30', '--seconds', '1', '--warm-up', '0.2', '--events', '50', '--json'],
      { cwd, env },
    )
    const report = JSON.parse(load.out) as {
      slates: { failed: number; answered: number }
      events: { accepted: number }
      cost: { cpuMs: number; slates: number }
    }
    expect(report.slates.answered).toBeGreaterThan(5)
    expect(report.events.accepted).toBeGreaterThan(0)
    expect(report.cost.cpuMs).toBeGreaterThan(0.1)
    expect(report.cost.slates).toBeGreaterThanOrEqual(report.slates.answered)

    const second = await sluice(['up', '--json'], { cwd, env })
    expect(second.code).toBe(1)
    expect(JSON.parse(second.err)).toMatchObject({
      error: { code: 'ERR_DATA_IN_USE', message: expect.stringContaining(url) },
    })

    up.child.kill('SIGTERM')
    expect((await up.ended).code).toBe(0)
    expect(existsSync(join(data, 'server.json'))).toBe(false)

    // Without a server the folder itself answers; a world is not made twice.
    const left = JSON.parse((await sluice(['status', '--json'], { cwd, env })).out) as { where: string; items: number }
    expect(left).toMatchObject({ where: data, items: 600, running: false })
    const again = start(['up', '--json'], { cwd, env })
    await again.until(/"ready"/)
    expect(again.printed.err).not.toContain('Simulating')
    again.child.kill('SIGINT')
    expect((await again.ended).code).toBe(0)
  })

  it('prints lines to try that work', async () => {
    const up = start(['up', '--data', 'shown', '--world', 'small', '--port', '0'], { cwd })
    await up.until(/Ready in/)
    expect(up.printed.out).toMatch(/Sluice serves at http:\/\/127\.0\.0\.1:\d+/)
    expect(up.printed.out).toMatch(/│ # │ title/)
    const curls = up.printed.out.match(/curl -s .*/g) ?? []
    expect(curls).toHaveLength(2)
    const [slate, events] = curls.map(
      (line) => JSON.parse(execFileSync('sh', ['-c', line], { encoding: 'utf8' })) as unknown,
    )
    expect(slate).toMatchObject({ surface: 'home', items: expect.any(Array) })
    expect(events).toMatchObject({ accepted: 1, rejected: [] })
    const commands = up.printed.out.match(/npx sluice (slate|explain|portfolio) .*/g) ?? []
    expect(commands).toHaveLength(3)
    for (const command of commands) {
      const words = command.replaceAll("'", '').split(' ').slice(2)
      expect(await sluice(words, { cwd })).toMatchObject({ code: 0, err: expect.not.stringContaining('error') })
    }
    up.child.kill('SIGTERM')
    expect((await up.ended).code).toBe(0)
  })

  it('stops while it opens', async () => {
    const up = start(['up', '--data', 'early', '--port', '0'], { cwd })
    await up.until(/Opening the folder/)
    up.child.kill('SIGTERM')
    expect((await up.ended).code).toBe(0)
    // What it left is taken up by the next start.
    const next = start(['up', '--data', 'early', '--port', '0', '--world', 'none', '--json'], { cwd })
    await next.until(/"ready"/)
    next.child.kill('SIGTERM')
    expect((await next.ended).code).toBe(0)
  })
})
