import { spawn } from 'node:child_process'
import fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest'
import { dataFormat } from './data-format.ts'
import { openFileJournal } from './file-journal.ts'
import { lockFolder, startOf } from './lock.ts'

const root = fs.mkdtempSync(join(tmpdir(), 'sluice-lock-'))
const children: ReturnType<typeof spawn>[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill()
})
afterAll(() => fs.rmSync(root, { recursive: true }))

const folder = () => fs.mkdtempSync(join(root, 'l'))
const IN_USE = expect.objectContaining({ code: 'ERR_DATA_IN_USE' })

function sleeper(): number {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
  children.push(child)
  return child.pid as number
}

describe('the lock of a folder', () => {
  it('refuses a second opener in this process, and lets go when closed', async () => {
    const where = folder()
    const journal = await openFileJournal(where, { segmentBytes: 1000 })
    await expect(openFileJournal(where, { segmentBytes: 1000 })).rejects.toEqual(IN_USE)
    await openFileJournal(where, { segmentBytes: 1000, readOnly: true })
    await journal.close()
    await (await openFileJournal(where, { segmentBytes: 1000 })).close()
    expect(fs.readdirSync(where)).toEqual(['0000000000000000.journal'])
  })

  it('refuses while another process lives, and names it', () => {
    const where = folder()
    const pid = sleeper()
    fs.writeFileSync(join(where, 'lock.json'), JSON.stringify({ pid, started: startOf(pid) }))
    expect(() => lockFolder(where)).toThrow(expect.objectContaining({ message: expect.stringContaining(String(pid)) }))
  })

  it('takes over from a process that is gone', () => {
    const where = folder()
    fs.writeFileSync(join(where, 'lock.json'), JSON.stringify({ pid: 2 ** 22 + 1, started: 'x' }))
    lockFolder(where).release()
    expect(fs.readdirSync(where)).toEqual([])
  })

  it.skipIf(startOf(process.pid) === '')('takes over when the pid is now another program (needs /proc)', () => {
    const where = folder()
    for (const pid of [sleeper(), process.pid]) {
      fs.writeFileSync(join(where, 'lock.json'), JSON.stringify({ pid, started: 'another-boot:1' }))
      lockFolder(where).release()
    }
    fs.writeFileSync(join(where, 'lock.json'), JSON.stringify({ pid: process.pid, started: startOf(process.pid) }))
    expect(() => lockFolder(where)).toThrow(IN_USE) // another thread of this process
  })

  it.skipIf(startOf(process.pid) === '')(
    'takes over when its process was killed and its parent has not looked yet',
    async () => {
      const where = folder()
      // The shell begins one that ends, and becomes a program that never asks how: what ended stays in the table.
      const parent = spawn('sh', ['-c', 'sleep 20 & echo $!; exec sleep 20'])
      children.push(parent)
      const pid = await new Promise<number>((found) => parent.stdout.once('data', (said) => found(Number(said))))
      const started = startOf(pid)
      expect(started).not.toBe('')
      fs.writeFileSync(join(where, 'lock.json'), JSON.stringify({ pid, started }))
      expect(() => lockFolder(where)).toThrow(IN_USE)
      process.kill(pid)
      await vi.waitFor(() => expect(fs.readFileSync(`/proc/${pid}/stat`, 'utf8')).toContain(') Z '), 15_000)
      expect(startOf(pid)).toBe(started)
      lockFolder(where).release()
    },
  )

  it('waits for a lock that is just being written, not for an old torn one', () => {
    const where = folder()
    const path = join(where, 'lock.json')
    fs.writeFileSync(path, '')
    expect(() => lockFolder(where)).toThrow(IN_USE)
    fs.utimesSync(path, 1, 1)
    lockFolder(where).release()
  })
})

describe('the format of a data folder', () => {
  it('is written once and checked after', async () => {
    const where = join(folder(), 'new', 'folder')
    expect(await dataFormat(where, 3)).toEqual({ created: true })
    expect(await dataFormat(where, 3)).toEqual({ created: false })
    await expect(dataFormat(where, 4)).rejects.toMatchObject({
      code: 'ERR_DATA_VERSION',
      message: expect.stringContaining('format 3, this version reads 4'),
    })
    fs.writeFileSync(join(where, 'format.json'), 'garbage')
    await expect(dataFormat(where, 3)).rejects.toMatchObject({ code: 'ERR_DATA_VERSION' })
  })

  it('does not take data without a format for its own', async () => {
    const where = folder()
    fs.mkdirSync(join(where, 'journal'))
    await expect(dataFormat(where, 1, ['journal'])).rejects.toMatchObject({ code: 'ERR_DATA_FOREIGN' })
    expect(await dataFormat(where, 1)).toEqual({ created: true })
  })
})
