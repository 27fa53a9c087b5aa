import fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest'
import { createLog, type Log, logLines } from './log.ts'
import { sparingLog } from './sparing-log.ts'

const folder = fs.mkdtempSync(join(tmpdir(), 'sluice-log-'))
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))
afterEach(() => {
  vi.restoreAllMocks()
})

/** A log in a file, and what the file holds. */
function logIn(name: string): { log: Log; lines: () => Record<string, unknown>[] } {
  const path = join(folder, name)
  const log = createLog('info', logLines(fs.openSync(path, 'a')))
  const lines = () =>
    fs
      .readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
  return { log, lines }
}

const next = () => new Promise((done) => setTimeout(done, 5))

describe('a log whose disk is full', () => {
  const full = () =>
    vi.spyOn(fs, 'writeSync').mockImplementation(() => {
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', syscall: 'write' })
    })

  it('fails nothing, and writes what waited, whole and in order, when there is room', async () => {
    const { log, lines } = logIn('full.log')
    log.info({}, 'before')
    const disk = full()
    for (let n = 0; n < 3; n++) expect(() => log.warn({ n }, 'meanwhile')).not.toThrow()
    disk.mockRestore()
    log.info({}, 'after')
    await next()
    expect(lines().map(({ msg, n }) => [msg, n])).toEqual([
      ['before', undefined],
      ['meanwhile', 0],
      ['meanwhile', 1],
      ['meanwhile', 2],
      ['after', undefined],
    ])
  })

  it('holds a bounded number of lines, and says how many were lost', async () => {
    const { log, lines } = logIn('long.log')
    const disk = full()
    const text = 'x'.repeat(10_000)
    for (let n = 0; n < 300; n++) log.warn({ text }, 'meanwhile') // 3 MB, of which one is held
    disk.mockRestore()
    await next()
    log.info({}, 'after') // may be lost itself: nothing is written before it
    await next()
    log.info({}, 'later')
    await next()
    const kept = lines().filter(({ msg }) => msg === 'meanwhile').length
    const lost = lines().find(({ msg }) => msg === 'log lines were lost: there was no room') as { dropped: number }
    expect(kept).toBeGreaterThan(90)
    expect(kept + lost.dropped).toBeGreaterThanOrEqual(300)
    expect(lost.dropped).toBeLessThanOrEqual(301 - kept)
    expect(lines().at(-1)).toMatchObject({ msg: 'later' })
  })
})

describe('a sparing log', () => {
  it('says the same warning once in ten seconds, with how many it left out, and all else at once', () => {
    const said: [string, object, string][] = []
    const at = (level: string) => (fields: object, message: string) => void said.push([level, fields, message])
    let now = 0
    const log = sparingLog({ debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }, () => now)
    for (let n = 0; n < 5; n++) log.warn({ n }, 'full')
    log.warn({}, 'other')
    log.error({ n: 1 }, 'full')
    log.error({ n: 2 }, 'full')
    now = 9_999
    log.warn({ n: 5 }, 'full')
    now = 10_000
    log.warn({ n: 6 }, 'full')
    log.warn({ n: 7 }, 'full')
    now = 20_000
    log.warn({ n: 8 }, 'full')
    now = 30_000
    log.warn({ n: 9 }, 'full')
    expect(said).toEqual([
      ['warn', { n: 0 }, 'full'],
      ['warn', {}, 'other'],
      ['error', { n: 1 }, 'full'],
      ['error', { n: 2 }, 'full'],
      ['warn', { n: 6, repeated: 5 }, 'full'],
      ['warn', { n: 8, repeated: 1 }, 'full'],
      ['warn', { n: 9 }, 'full'],
    ])
  })
})
