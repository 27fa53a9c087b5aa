import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { openFileJournal } from './file-journal.ts'
import { lockFolder, lockOwner, startOf } from './lock.ts'

const folder = fs.mkdtempSync(join(tmpdir(), 'sluice-full-'))
const mounted = mount()
afterAll(() => {
  if (mounted) execFileSync('umount', [folder])
  fs.rmSync(folder, { recursive: true, force: true })
})

/** Needs Linux and root; elsewhere the injected disk of damage.test.ts has to do. */
function mount(): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', folder], { stdio: 'pipe' })
    return true
  } catch (error) {
    console.log(`skipped: cannot mount a small tmpfs (${String(error).split('\n')[0]})`)
    return false
  }
}

describe.skipIf(!mounted)('a disk that is really full', () => {
  it('refuses, keeps what was acknowledged, and goes on when space returns', async () => {
    const ballast = join(folder, 'ballast')
    const journal = await openFileJournal(folder, { segmentBytes: 32_768 })
    fs.writeFileSync(ballast, Buffer.alloc(100_000))
    let acknowledged = 0
    const fill = async () => {
      for (;;) {
        journal.append(Buffer.alloc(5000, acknowledged))
        await journal.flushed()
        acknowledged++
      }
    }
    await expect(fill()).rejects.toMatchObject({ code: 'ERR_DISK_WRITE', message: expect.stringContaining('ENOSPC') })
    expect(acknowledged).toBeGreaterThan(10)
    expect([...journal.read()].map(({ payload }) => payload[0])).toEqual([...Array(acknowledged).keys()])
    fs.rmSync(ballast)
    journal.append(Buffer.alloc(5000, acknowledged))
    await journal.flushed()
    await journal.close()
    const again = await openFileJournal(folder, { segmentBytes: 32_768 })
    expect([...again.read()].map(({ payload }) => payload[0])).toEqual([...Array(acknowledged + 1).keys()])
    expect(again.recovered.bytes).toBe(0)
    await again.close()
  })

  it('is locked by a link, which others heed and which is taken over from a process that is gone', () => {
    const where = join(folder, 'locked')
    fs.mkdirSync(where)
    const mine = lockFolder(where)
    const whole = fs.readFileSync(join(where, 'lock.json'), 'utf8')
    mine.release()
    const ballast = join(folder, 'ballast')
    try {
      for (;;) fs.writeFileSync(ballast, Buffer.alloc(1024), { flag: 'a' })
    } catch {
      // full
    }
    const lock = lockFolder(where)
    expect(lock.full).toBe(true)
    const short = fs.readlinkSync(join(where, 'lock.json'))
    expect(short.length).toBeLessThan(60)
    expect(lockOwner(where)).toBe(process.pid)
    expect(() => lockFolder(where)).toThrow(expect.objectContaining({ code: 'ERR_DATA_IN_USE' }))
    lock.release()
    expect(fs.readdirSync(where)).toEqual([])
    if (startOf(process.pid) !== '') {
      fs.symlinkSync(short, join(where, 'lock.json')) // of this process: another thread has it
      expect(() => lockFolder(where)).toThrow(expect.objectContaining({ code: 'ERR_DATA_IN_USE' }))
      fs.rmSync(join(where, 'lock.json'))
    }
    fs.symlinkSync(JSON.stringify({ pid: 2 ** 22 + 1, started: 'x' }), join(where, 'lock.json'))
    lockFolder(where).release()
    fs.rmSync(ballast)
    const roomy = lockFolder(where)
    expect(roomy.full).toBeUndefined()
    expect(fs.readFileSync(join(where, 'lock.json'), 'utf8')).toBe(whole)
    roomy.release()
  })
})
