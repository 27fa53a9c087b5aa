import fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { manualClock } from '../../foundation/base/index.ts'
import { type Disk, memoryJournal } from '../../foundation/store/index.ts'
import { nodeDisk } from '../../foundation/store/disk.ts'
import type { Entry } from './entry.ts'
import { ERASED_QUIET_MS, EventLog, openEventLog } from './log.ts'

const root = fs.mkdtempSync(join(tmpdir(), 'sluice-log-'))
afterAll(() => fs.rmSync(root, { recursive: true }))
const folder = () => fs.mkdtempSync(join(root, 'e'))

const event = (id: string, user: string, receivedAt = 1000): Entry => ({
  type: 'event',
  event: { id, kind: 'click', user, item: 'i', at: 5, receivedAt },
})
const item = (id: string, at: number, title = ''): Entry => ({ type: 'item', item: { id, title }, at })
const user = (id: string, at: number): Entry => ({ type: 'user', user: { id, country: 'DE' }, at })
const open = (where: string, disk: Disk = nodeDisk) => openEventLog(where, { segmentBytes: 500, pendingMax: 10, disk })
const seqs = (log: EventLog) => [...log.replay()].map(({ seq }) => seq)

/** Does any file below the folder hold this text, or its UTF-16 form? */
function found(where: string, text: string): string[] {
  return (fs.readdirSync(where, { recursive: true }) as string[]).filter((name) => {
    const path = join(where, name)
    if (name.includes(text)) return true
    if (!fs.statSync(path).isFile()) return false
    const bytes = fs.readFileSync(path)
    return bytes.includes(text) || bytes.includes(Buffer.from(text, 'utf16le'))
  })
}

async function peopled(where: string): Promise<EventLog> {
  const log = await open(where)
  for (let n = 0; n < 60; n++) {
    log.appendAll([
      event(`e${n}`, n % 3 === 0 ? 'secret-person' : `other-${n}`),
      user(n % 20 === 0 ? 'secret-person' : 'x', n),
    ])
    await log.flushed()
  }
  return log
}

describe('the log of entries', () => {
  it('replays what it took, in order, from any seq', async () => {
    const where = folder()
    const log = await open(where)
    const entries = [item('i', 1), event('e', 'u'), user('u', 2), { type: 'item-deleted', id: 'i', at: 3 } as const]
    expect(log.appendAll(entries)).toBe(0)
    expect([...log.replay()]).toEqual([])
    await log.flushed()
    expect([...log.replay()]).toEqual(entries.map((entry, seq) => ({ ...entry, seq })))
    expect([...log.replay(3)]).toEqual([{ ...entries[3], seq: 3 }])
    await log.close()
  })

  it('refuses what is too much for the disk, whole batches at a time, but never a batch on its own', async () => {
    const log = new EventLog(memoryJournal(), { pendingMax: 10 })
    const batch = Array.from({ length: 12 }, (_, n) => event(`e${n}`, 'u'))
    log.appendAll(batch)
    expect(() => log.append(event('one more', 'u'))).toThrow(expect.objectContaining({ code: 'ERR_OVERLOADED' }))
    expect(log.pending).toBe(12)
    await log.flushed()
    expect(log.append(event('one more', 'u'))).toBe(12)
  })

  it('gives the latest events, past other entries', async () => {
    const log = new EventLog(memoryJournal(), { pendingMax: 1000 })
    log.appendAll([
      event('a', 'u'),
      event('b', 'u'),
      ...Array.from({ length: 50 }, (_, n) => item(`i${n}`, n)),
      event('c', 'u'),
    ])
    await log.flushed()
    expect(log.latest(2).map(({ id }) => id)).toEqual(['b', 'c'])
    expect(log.latest(9).map(({ id }) => id)).toEqual(['a', 'b', 'c'])
    expect(log.latest(0)).toEqual([])
  })

  it('erases a user from every byte of the folder and nobody else', async () => {
    const where = folder()
    const log = await peopled(where)
    expect(found(where, 'secret-person').length).toBeGreaterThan(1)
    expect(await log.erase('secret-person')).toMatchObject({ dropped: 23, kept: 97 })
    expect(found(where, 'secret-person')).toEqual([])
    const left = [...log.replay()]
    expect(left.filter((entry) => entry.type === 'event').length).toBe(40)
    await log.close()
    expect(found(where, 'secret-person')).toEqual([])
    expect(fs.readdirSync(where).filter((name) => !name.endsWith('.journal'))).toEqual([])
  })

  it('completes an erasure that a crash cut short, wherever it was cut', async () => {
    for (let steps = 0; ; steps++) {
      const where = folder()
      await (await peopled(where)).close()
      let left = steps
      const crash = () => {
        if (left-- <= 0) throw new Error('crash')
      }
      const dying: Disk = {
        ...nodeDisk,
        rename: (from, to) => {
          crash()
          nodeDisk.rename(from, to)
        },
        unlink: (path) => {
          crash()
          nodeDisk.unlink(path)
        },
      }
      const log = await open(where, dying)
      const outcome = await log.erase('secret-person').then(
        () => 'done',
        () => 'crashed',
      )
      await log.close() // lets the folder go; nothing else is put right
      if (outcome === 'done') {
        expect(steps).toBeGreaterThan(5)
        return
      }
      expect(found(where, 'secret-person')).not.toEqual([])
      const intents = fs.readdirSync(where).filter((name) => name.startsWith('erasure-'))
      expect(intents.length).toBe(1)
      const again = await open(where)
      expect([found(where, 'secret-person'), seqs(again).length]).toEqual([[], 97])
      await again.close()
      expect(fs.readdirSync(where).filter((name) => name.startsWith('erasure-'))).toEqual([])
    }
  })

  it('leaves what came after an erasure that failed, also when it is completed later', async () => {
    const where = folder()
    await (await peopled(where)).close()
    let full = true
    const failing: Disk = {
      ...nodeDisk,
      rename(from, to) {
        if (full) throw new Error('no space')
        nodeDisk.rename(from, to)
      },
    }
    const log = await open(where, failing)
    await expect(log.erase('secret-person')).rejects.toMatchObject({ code: 'ERR_DISK_WRITE' })
    full = false
    await log.erase('secret-person')
    log.append(event('back', 'secret-person'))
    await log.flushed()
    await log.close()
    const again = await open(where)
    expect([...again.replay()].filter((entry) => entry.type === 'event' && entry.event.id === 'back')).toHaveLength(1)
    await again.close()
  })

  it('says for a while that a user was erased', async () => {
    const clock = manualClock(0)
    const log = new EventLog(memoryJournal(), { pendingMax: 10, clock })
    expect(log.isErased('u')).toBe(false)
    const erasing = log.erase('u')
    expect(log.isErased('u')).toBe(true)
    await erasing
    clock.advance(ERASED_QUIET_MS - 1)
    expect([log.isErased('u'), log.isErased('v')]).toEqual([true, false])
    clock.advance(1)
    expect(log.isErased('u')).toBe(false)
  })
})

describe('retention', () => {
  it('drops old events and what later puts made void, and keeps since when an item is there', async () => {
    const log = new EventLog(memoryJournal(), { pendingMax: 100 })
    log.appendAll([
      item('a', 1), // 0: first of a
      event('e1', 'u', 10), // 1: old
      item('a', 2), // 2: void
      item('b', 3), // 3: gone with its deletion
      user('u', 3), // 4: void
      { type: 'item-deleted', id: 'b', at: 4 }, // 5
      item('a', 5), // 6: last of a
      item('c', 5), // 7: gone with its deletion, then back
      { type: 'item-deleted', id: 'c', at: 6 }, // 8
      item('c', 7), // 9
      user('u', 8), // 10: last of u
      event('e2', 'u', 100), // 11: the first that stays
      item('a', 11), // 12: stays
      event('e3', 'v', 50), // 13: old, out of order
      item('a', 12), // 14
    ])
    await log.flushed()
    expect(await log.retain(60)).toMatchObject({ dropped: 8 })
    expect(seqs(log)).toEqual([0, 6, 9, 10, 11, 12, 14])
    expect(await log.retain(60)).toMatchObject({ dropped: 0 })
    await log.retain(1000)
    expect(seqs(log)).toEqual([0, 9, 10, 14])
  })

  it('counts from the receipt: history imported today stays', async () => {
    const log = new EventLog(memoryJournal(), { pendingMax: 100 })
    log.append({ type: 'event', event: { id: 'old', kind: 'click', user: 'u', item: 'i', at: 1, receivedAt: 1000 } })
    await log.flushed()
    expect(await log.retain(1000)).toMatchObject({ dropped: 0, kept: 1 })
    expect(await log.retain(1001)).toMatchObject({ dropped: 1 })
  })

  it('leaves the segment that is written to alone where nothing in it may go', async () => {
    const where = folder()
    const log = await openEventLog(where, { segmentBytes: 1e6, pendingMax: 10 })
    const files = () => fs.readdirSync(where).filter((name) => name.endsWith('.journal')).length
    for (let n = 0; n < 5; n++) {
      log.appendAll([item(`i${n}`, 1), event(`e${n}`, 'u')])
      await log.flushed()
      expect(await log.retain(60)).toMatchObject({ dropped: 0 })
    }
    expect(files()).toBe(2)
    expect(await log.retain(2000)).toMatchObject({ dropped: 5 })
    expect(seqs(log)).toEqual([0, 2, 4, 6, 8])
    await log.close()
  })
})
