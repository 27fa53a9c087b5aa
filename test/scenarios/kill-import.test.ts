import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Random } from '../../src/foundation/base/index.ts'
import { sluice, start } from './cli-process.ts'

const ROWS = 20_000
const AT = Date.UTC(2026, 0, 1)

let cwd = ''
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'sluice-kill-'))
  const random = new Random('kill-import')
  const lines = Array.from({ length: ROWS }, (_, i) => `u${random.int(900)},i${random.int(400)},click,${AT + i * 1000}`)
  writeFileSync(join(cwd, 'clicks.csv'), `user,item,kind,at\n${lines.join('\n')}\n`)
})
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

function bytesOf(folder: string): number {
  if (!existsSync(folder)) return 0
  return readdirSync(folder).reduce(
    (sum, name) => sum + (statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0),
    0,
  )
}

describe('an import that is killed', () => {
  it('is completed by importing again: every row once, none lost', async () => {
    const words = ['import', 'csv', 'clicks.csv', '--data', 'mine', '--json']
    const running = start(words, { cwd })
    while (bytesOf(join(cwd, 'mine', 'journal')) < 300_000) await wait(2)
    running.child.kill('SIGKILL')
    expect((await running.ended).code).toBe(null)
    const again = JSON.parse((await sluice(words, { cwd })).out) as Record<'rows' | 'accepted' | 'duplicate', number>
    expect(again).toMatchObject({ rows: ROWS, rejected: {} })
    expect(again.accepted + again.duplicate).toBe(ROWS)
    expect(again.duplicate).toBeGreaterThan(0) // what the killed ones had written
    expect(again.accepted).toBeGreaterThan(0)

    const exported = await sluice(['export', 'events', '--data', 'mine'], { cwd })
    const events = exported.out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { id: string; at: number })
    expect(events).toHaveLength(ROWS)
    expect(new Set(events.map((event) => event.id)).size).toBe(ROWS)
    expect(new Set(events.map((event) => event.at)).size).toBe(ROWS) // each row has a moment of its own
  })
})

describe('a first start that is killed', () => {
  it('makes its platform anew and whole', async () => {
    const words = ['up', '--data', 'world', '--world', 'default', '--port', '0', '--json']
    const running = start(words, { cwd })
    while (bytesOf(join(cwd, 'world', 'journal')) < 500_000) await wait(2)
    running.child.kill('SIGKILL')
    await running.ended
    const small = start(['up', '--data', 'world', '--world', 'small', '--port', '0', '--json'], { cwd })
    const [, url = ''] = await small.until(/"url":"([^"]+)"/)
    expect(small.printed.err).toContain('Simulating') // not half of the other one
    expect(await (await fetch(`${url}/ready`)).json()).toMatchObject({ items: 600 })
    small.child.kill('SIGTERM')
    expect((await small.ended).code).toBe(0)
  })
})
