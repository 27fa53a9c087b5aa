import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openFileJournal } from './file-journal.ts'
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
