import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { announceServer, findServer } from './running.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-running-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('the note of a running server', () => {
  it('is found while the process lives, and is gone when it is taken back', () => {
    const me = { pid: process.pid, url: 'http://127.0.0.1:1' }
    const withdraw = announceServer(folder, me)
    expect(findServer(folder)).toEqual(me)
    withdraw()
    expect(findServer(folder)).toBeUndefined()
  })

  it('does not count when the process is gone', () => {
    const { pid } = spawnSync(process.execPath, ['-e', '0'])
    announceServer(folder, { pid, url: 'http://127.0.0.1:1' })
    expect(findServer(folder)).toBeUndefined()
  })

  it('is left alone by a server that was succeeded', () => {
    const withdraw = announceServer(folder, { pid: process.pid, url: 'http://127.0.0.1:1' })
    const next = { pid: process.ppid, url: 'http://127.0.0.1:2' }
    announceServer(folder, next)
    withdraw()
    expect(findServer(folder)).toEqual(next)
  })

  it.each(['', '{', '{"pid":"1"}', 'null', '{"pid":1}'])('may be spoilt: %j', (text) => {
    writeFileSync(join(folder, 'server.json'), text)
    expect(findServer(folder)).toBeUndefined()
  })
})
