import fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { type Disk, nodeDisk } from './disk.ts'
import { openFileJournal } from './file-journal.ts'
import { FRAME_BYTES, HEADER_BYTES } from './frame.ts'

const root = fs.mkdtempSync(join(tmpdir(), 'sluice-damage-'))
afterAll(() => fs.rmSync(root, { recursive: true }))

const SEGMENT = '0000000000000000.journal'
const open = (folder: string, more: { segmentBytes?: number; disk?: Disk; readOnly?: boolean } = {}) =>
  openFileJournal(folder, { segmentBytes: 1_000_000, ...more })
const texts = (journal: { read(): Iterable<{ payload: Buffer }> }) =>
  [...journal.read()].map(({ payload }) => `${payload}`)

async function written(payloads: readonly string[], segmentBytes?: number): Promise<string> {
  const folder = fs.mkdtempSync(join(root, 'd'))
  const journal = await open(folder, segmentBytes === undefined ? {} : { segmentBytes })
  for (const payload of payloads) {
    journal.append(Buffer.from(payload))
    await journal.flushed()
  }
  await journal.close()
  return folder
}

describe('a torn or damaged file', () => {
  const payloads = ['first', 'second one', 'third', 'the fourth record', 'last']
  const ends: number[] = []
  for (const text of payloads) ends.push((ends.at(-1) ?? HEADER_BYTES) + FRAME_BYTES + text.length)

  it('opens cut at any byte, loses only what is torn, says how much, and goes on', async () => {
    const folder = await written(payloads)
    const whole = fs.readFileSync(join(folder, SEGMENT))
    expect(whole.length).toBe(ends[4])
    for (let cut = ends[2] as number; cut < whole.length; cut++) {
      fs.writeFileSync(join(folder, SEGMENT), whole.subarray(0, cut))
      const kept = ends.filter((end) => end <= cut).length
      const reader = await open(folder, { readOnly: true })
      expect(texts(reader)).toEqual(payloads.slice(0, kept))
      const journal = await open(folder)
      expect(journal.recovered.bytes).toBe(cut - (ends[kept - 1] as number))
      expect(texts(journal)).toEqual(payloads.slice(0, kept))
      expect(journal.append(Buffer.from('new'))).toBe(kept)
      await journal.close()
      const again = await open(folder)
      expect([again.recovered.bytes, texts(again)]).toEqual([0, [...payloads.slice(0, kept), 'new']])
      await again.close()
    }
  })

  it('is cut before the first frame with a flipped bit, whichever it is', async () => {
    const folder = await written(payloads)
    const whole = fs.readFileSync(join(folder, SEGMENT))
    for (let at = ends[2] as number; at < whole.length; at++) {
      const flipped = Buffer.from(whole)
      flipped[at] = (flipped[at] as number) ^ (1 << (at % 8))
      fs.writeFileSync(join(folder, SEGMENT), flipped)
      const journal = await open(folder)
      expect(texts(journal)).toEqual(payloads.slice(0, ends.filter((end) => end <= at).length))
      await journal.close()
    }
  })

  it('opens when the newest segment has no whole header yet', async () => {
    const folder = await written(payloads, 60)
    const last = fs.readdirSync(folder).sort().at(-1) as string
    for (const content of [Buffer.alloc(0), Buffer.from('SLUI'), Buffer.alloc(HEADER_BYTES)]) {
      fs.writeFileSync(join(folder, last), content)
      const journal = await open(folder, { segmentBytes: 60 })
      expect([journal.next, texts(journal)]).toEqual([4, payloads.slice(0, 4)])
      await journal.close()
    }
  })

  it('is refused, not cut, when a sealed segment is damaged: that was acknowledged', async () => {
    const folder = await written(payloads, 60)
    const names = fs.readdirSync(folder).filter((name) => name.endsWith('.journal'))
    expect(names.length).toBeGreaterThan(2)
    const path = join(folder, names[1] as string)
    const bytes = fs.readFileSync(path)
    bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 1
    fs.writeFileSync(path, bytes)
    const journal = await open(folder, { segmentBytes: 60 })
    expect(() => texts(journal)).toThrow(expect.objectContaining({ code: 'ERR_DATA_CORRUPT' }))
    await expect(journal.rewrite(() => true)).rejects.toMatchObject({ code: 'ERR_DATA_CORRUPT' })
    await journal.close()
  })

  it('is refused when another version or another program wrote it', async () => {
    const folder = await written(payloads)
    const whole = fs.readFileSync(join(folder, SEGMENT))
    const newer = Buffer.from(whole)
    newer[8] = 7
    for (const [content, found] of [
      [newer, 'format 7'],
      [Buffer.from('PK something else entirely...'), 'unknown'],
    ] as const) {
      fs.writeFileSync(join(folder, SEGMENT), content)
      await expect(open(folder)).rejects.toMatchObject({
        code: 'ERR_DATA_VERSION',
        message: expect.stringContaining(found),
      })
      expect(fs.readFileSync(join(folder, SEGMENT)).equals(content)).toBe(true)
    }
  })

  it('forgets a rewrite that a crash cut short', async () => {
    const folder = await written(payloads)
    fs.writeFileSync(join(folder, `${SEGMENT}.new`), 'half a segm')
    const journal = await open(folder)
    expect([texts(journal), fs.existsSync(join(folder, `${SEGMENT}.new`))]).toEqual([payloads, false])
    await journal.close()
  })
})

/** A disk with room for so many bytes. */
function smallDisk(room: number): Disk & { room: number; broken: boolean } {
  const disk = {
    ...nodeDisk,
    room,
    broken: false,
    async write(fd: number, buffer: Uint8Array, offset: number, length: number, position: number) {
      if (disk.broken) throw Object.assign(new Error('EIO: i/o error, write'), { code: 'EIO' })
      const taken = Math.min(length, disk.room)
      if (taken === 0) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
      disk.room -= taken
      return nodeDisk.write(fd, buffer, offset, taken, position)
    },
    async truncate(fd: number, length: number) {
      if (disk.broken) throw Object.assign(new Error('EIO: i/o error, ftruncate'), { code: 'EIO' })
      disk.room += fs.fstatSync(fd).size - length
      return nodeDisk.truncate(fd, length)
    },
  }
  return disk
}

describe('a full or failing disk', () => {
  it('refuses the group as a whole, keeps the file good, and goes on when space returns', async () => {
    const folder = fs.mkdtempSync(join(root, 'd'))
    const disk = smallDisk(300)
    const journal = await open(folder, { disk })
    journal.append(Buffer.from('kept'))
    await journal.flushed()
    journal.append(Buffer.from('small'))
    journal.append(Buffer.alloc(1000, 'x')) // half of it is written before the disk is full
    await expect(journal.flushed()).rejects.toMatchObject({
      code: 'ERR_DISK_WRITE',
      message: expect.stringContaining('ENOSPC'),
    })
    expect([texts(journal), journal.pending, journal.bytes]).toEqual([
      ['kept'],
      0,
      fs.statSync(join(folder, SEGMENT)).size,
    ])
    disk.room = 10_000
    expect(journal.append(Buffer.from('after'))).toBe(3) // a seq is never given out twice
    await journal.flushed()
    expect(texts(journal)).toEqual(['kept', 'after'])
    await journal.close()
    const again = await open(folder)
    expect([texts(again), again.recovered.bytes, again.next]).toEqual([['kept', 'after'], 0, 4])
    await again.close()
  })

  it('refuses even when cutting fails too, and cuts before the next write', async () => {
    const folder = fs.mkdtempSync(join(root, 'd'))
    const disk = smallDisk(80)
    const journal = await open(folder, { disk })
    journal.append(Buffer.alloc(100, 'x'))
    const truncate = disk.truncate
    disk.truncate = async () => {
      throw new Error('EIO: i/o error, ftruncate')
    }
    await expect(journal.flushed()).rejects.toMatchObject({ code: 'ERR_DISK_WRITE' })
    journal.append(Buffer.from('y'))
    await expect(journal.flushed()).rejects.toMatchObject({ code: 'ERR_DISK_WRITE' })
    disk.truncate = truncate
    disk.room = 1000
    journal.append(Buffer.from('z'))
    await journal.flushed()
    await journal.close()
    const again = await open(folder)
    expect([texts(again), again.recovered.bytes]).toEqual([['z'], 0])
    await again.close()
  })

  it('tells a failure to the owner of a record who asks late', async () => {
    const folder = fs.mkdtempSync(join(root, 'd'))
    const disk = smallDisk(1000)
    const journal = await open(folder, { disk })
    disk.broken = true
    const first = journal.append(Buffer.from('a'))
    const asked = journal.flushed(first)
    const second = journal.append(Buffer.from('b')) // same group, nobody asks yet
    await expect(asked).rejects.toMatchObject({ code: 'ERR_DISK_WRITE' })
    disk.broken = false
    const third = journal.append(Buffer.from('c'))
    await journal.flushed(third)
    await expect(journal.flushed(second)).rejects.toMatchObject({ code: 'ERR_DISK_WRITE' })
    await journal.flushed()
    expect(texts(journal)).toEqual(['c'])
    await journal.close()
  })

  it('leaves the old segment when there is no room to rewrite it', async () => {
    const folder = fs.mkdtempSync(join(root, 'd'))
    const disk = smallDisk(2000)
    const journal = await open(folder, { disk })
    const all = Array.from({ length: 20 }, (_, i) => `record ${i}`)
    for (const text of all) journal.append(Buffer.from(text))
    await journal.flushed()
    disk.room = 100
    await expect(journal.rewrite(({ seq }) => seq % 2 === 0)).rejects.toMatchObject({ code: 'ERR_DISK_WRITE' })
    expect(texts(journal)).toEqual(all)
    disk.room = 2000
    expect(await journal.rewrite(({ seq }) => seq % 2 === 0)).toMatchObject({ kept: 10, dropped: 10 })
    expect(texts(journal)).toEqual(all.filter((_, i) => i % 2 === 0))
    await journal.close()
  })
})

describe('a journal that does not wait for the disk', () => {
  it('has a segment on disk before the next one begins, so that a power cut tears the newest alone', async () => {
    const synced: number[] = []
    const sync = async (fd: number) => {
      synced.push(fs.fstatSync(fd).ino)
      await nodeDisk.sync(fd)
    }
    const folder = fs.mkdtempSync(join(root, 'd'))
    const journal = await openFileJournal(folder, { segmentBytes: 60, sync: false, disk: { ...nodeDisk, sync } })
    for (const text of ['one record', 'another one', 'and a third']) {
      journal.append(Buffer.from(text))
      await journal.flushed()
    }
    await journal.close()
    const names = fs.readdirSync(folder).sort()
    expect(names.length).toBeGreaterThan(1)
    const inodes = names.map((name) => fs.statSync(join(folder, name)).ino)
    const times = inodes.map((inode) => synced.filter((one) => one === inode).length)
    expect(times).toEqual(inodes.map((_, i) => (i < inodes.length - 1 ? 2 : 1))) // once empty, once sealed
  })
})
