import fs, { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Disk, nodeDisk } from './disk.ts'
import { openFileJournal } from './file-journal.ts'
import { header } from './frame.ts'
import { JournalTail } from './tail.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tail-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const text = (tail: JournalTail) => Array.from(tail.read(), ({ seq, payload }) => `${seq} ${payload.toString()}`)

test('gives what has come since, over the ends of segments', async () => {
  const tail = new JournalTail(folder, 1)
  expect(text(tail)).toEqual([])
  const journal = await openFileJournal(folder, { segmentBytes: 200 })
  const write = async (...names: string[]) => {
    for (const name of names) journal.append(Buffer.from(name))
    await journal.flushed()
  }
  await write('a', 'b')
  expect(text(tail)).toEqual(['1 b'])
  expect(text(tail)).toEqual([])
  const many = Array.from({ length: 40 }, (_, i) => `record ${i}`)
  for (const name of many) await write(name)
  expect(text(tail)).toEqual(many.map((name, i) => `${i + 2} ${name}`))
  expect(tail.next).toBe(42)
  await write('last')
  expect(text(tail)).toEqual(['42 last'])
  tail.close()
  await journal.close()
})

test('goes on behind records that a rewrite dropped, and never gives one twice', async () => {
  const journal = await openFileJournal(folder, { segmentBytes: 100 })
  const tail = new JournalTail(folder)
  const write = async (from: number, to: number) => {
    for (let i = from; i < to; i++) {
      journal.append(Buffer.from(`record ${i}`))
      await journal.flushed()
    }
  }
  await write(0, 10)
  const before = text(tail)
  expect(before).toHaveLength(10)
  await write(10, 20)
  await journal.rewrite(({ seq }) => seq % 2 === 0)
  await write(20, 24)
  const after = text(tail).map((line) => Number(line.split(' ')[0]))
  // The segment that was open is read to its old end; the others are read as they are now.
  expect(after.filter((seq) => seq % 2 === 0)).toEqual([10, 12, 14, 16, 18, 20, 22])
  expect(after.at(-1)).toBe(23)
  expect(new Set(after).size).toBe(after.length)
  tail.close()
  await journal.close()
})

test('goes on when the segment that it waits in was taken back, for want of space', async () => {
  const journal = await openFileJournal(folder, { segmentBytes: 100 })
  const tail = new JournalTail(folder)
  const write = async (name: string) => {
    journal.append(Buffer.from(name))
    await journal.flushed()
  }
  await write('a'.repeat(80))
  for (const begun of ['', header(1)]) {
    const path = join(folder, '0000000000000001.journal')
    writeFileSync(path, begun) // as far as it came
    text(tail)
    rmSync(path)
  }
  await write('b'.repeat(80))
  expect(text(tail)).toEqual([`1 ${'b'.repeat(80)}`])
  tail.close()
  await journal.close()
})

test('goes on behind records that it saw on their way to a disk which then refused them', async () => {
  let failing = false
  const disk: Disk = {
    ...nodeDisk,
    async write(fd, buffer, offset, length, position) {
      const written = await nodeDisk.write(fd, buffer, offset, length, position)
      if (failing) throw new Error('no space')
      return written
    },
    async truncate(fd, length) {
      if (failing) throw new Error('no space')
      await nodeDisk.truncate(fd, length)
    },
  }
  const journal = await openFileJournal(folder, { segmentBytes: 10_000, disk })
  const tail = new JournalTail(folder)
  const write = (name: string) => {
    journal.append(Buffer.from(name))
    return journal.flushed()
  }
  await write('first')
  expect(text(tail)).toEqual(['0 first'])
  for (const [refused, kept, seq] of [
    ['refused', 'kept, and longer than what was refused', 1],
    ['refused, and longer than what is kept', 'kept', 3],
  ] as const) {
    failing = true
    await expect(write(refused)).rejects.toMatchObject({ code: 'ERR_DISK_WRITE' })
    expect(text(tail)).toEqual([`${seq} ${refused}`])
    failing = false
    await write(kept)
    expect(text(tail)).toEqual([`${seq + 1} ${kept}`])
  }
  tail.close()
  await journal.close()
})

test('waits when a segment goes while the folder is looked through', async () => {
  const journal = await openFileJournal(folder, { segmentBytes: 10_000 })
  const tail = new JournalTail(folder)
  journal.append(Buffer.from('a'))
  await journal.flushed()
  expect(text(tail)).toEqual(['0 a'])
  const gone = join(folder, '0000000000000001.journal')
  symlinkSync(join(folder, 'nowhere'), gone) // listed, and not there
  expect(text(tail)).toEqual([])
  rmSync(gone)
  journal.append(Buffer.from('b'))
  await journal.flushed()
  expect(text(tail)).toEqual(['1 b'])
  tail.close()
  await journal.close()
})

test('looks at each segment once, however many there are', async () => {
  const journal = await openFileJournal(folder, { segmentBytes: 1, sync: false })
  const count = 300
  for (let i = 0; i < count; i++) {
    journal.append(Buffer.from('x'))
    await journal.flushed()
  }
  const opened = vi.spyOn(fs, 'openSync')
  const tail = new JournalTail(folder)
  expect(text(tail)).toHaveLength(count)
  expect(opened.mock.calls.length).toBeLessThanOrEqual(2 * count)
  opened.mockClear()
  expect(text(tail)).toEqual([])
  expect(opened.mock.calls.length).toBeLessThan(4)
  opened.mockRestore()
  tail.close()
  await journal.close()
})
