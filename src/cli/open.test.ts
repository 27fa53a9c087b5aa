import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { lockFolder } from '../foundation/store/index.ts'
import { runProgram } from './program.ts'
import { realRooms } from './real-rooms.ts'
import { announceServer } from './running.ts'
import { fakeTerminal } from './testing/terminal.ts'

it('names a server that has the folder open and does not answer: it may be slow, and is not to be stopped unasked', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-open-'))
  const data = join(folder, 'data')
  mkdirSync(data)
  const lock = lockFolder(data)
  const withdraw = announceServer(data, { pid: process.pid, url: 'http://127.0.0.1:9' })
  const terminal = fakeTerminal(folder)
  expect(await runProgram(['status', '--data', data], { terminal, exitCode: 0, rooms: realRooms })).toBe(1)
  expect(terminal.printed.err).toContain('a server at http://127.0.0.1:9 that does not answer in time: try again')
  withdraw()
  lock.release()
  rmSync(folder, { recursive: true })
})
