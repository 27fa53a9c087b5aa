import fs, { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { openFileJournal } from './file-journal.ts'
import type { FileJournal } from './journal.ts'

const MB = 1024 * 1024

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'near-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

test('begins to read near what is asked for, also after a rewrite and when it was opened anew', async () => {
  const options = { segmentBytes: 64 * MB, sync: false }
  const count = 800
  let journal = await openFileJournal(folder, options)
  for (let i = 0; i < count; i++) {
    journal.append(Buffer.alloc(10_000, i % 251))
    if (i % 7 === 0) await journal.flushed()
  }
  await journal.flushed()
  const read = vi.spyOn(fs, 'readSync')
  const lately = (reading: FileJournal) => {
    read.mockClear()
    const found = [...reading.read(count - 3)].map(({ seq, payload }) => [seq, payload[0]])
    const bytes = read.mock.results.reduce((sum, { value }) => sum + value, 0)
    return { found, bytes }
  }
  const whole = [3, 2, 1].map((back) => [count - back, (count - back) % 251])
  const expectNear = (reading: FileJournal, found: unknown) => {
    const near = lately(reading)
    expect(near.found).toEqual(found)
    expect(near.bytes).toBeLessThan(3 * MB)
  }
  expectNear(journal, whole)
  await journal.rewrite(({ seq }) => seq % 2 === 1)
  const odd = whole.filter(([seq = 0]) => seq % 2 === 1)
  expect(lately(journal).found).toEqual(odd) // the file is new: it is read once
  expectNear(journal, odd)
  await journal.close()
  journal = await openFileJournal(folder, options)
  lately(journal)
  expectNear(journal, odd)
  const beside = await openFileJournal(folder, { ...options, readOnly: true })
  lately(beside)
  expectNear(beside, odd)
  for (const from of [0, 1, 399, 400, 797]) {
    const seqs = [...journal.read(from)].map(({ seq }) => seq)
    expect(seqs).toEqual(Array.from({ length: count }, (_, seq) => seq).filter((seq) => seq % 2 === 1 && seq >= from))
  }
  read.mockRestore()
  await journal.close()
})
