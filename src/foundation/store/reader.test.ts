import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openFileJournal } from './file-journal.ts'
import type { FileJournal, JournalRecord } from './journal.ts'

let folder: string
let writer: FileJournal
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'reader-'))
  writer = await openFileJournal(folder, { segmentBytes: 200 })
  for (let seq = 0; seq < 40; seq++) {
    writer.append(Buffer.from(`record ${seq}`.padEnd(20 + (seq % 7))))
    await writer.flushed()
  }
})
afterEach(async () => {
  await writer.close()
  rmSync(folder, { recursive: true })
})

const open = () => openFileJournal(folder, { segmentBytes: 1, readOnly: true })
const seqs = (records: Iterable<JournalRecord>) => Array.from(records, ({ seq }) => seq)
const upTo = (end: number) => Array.from({ length: end }, (_, seq) => seq)

/** Drops records in every way: some, all of a segment, and those of the segment that was the last one. */
async function erase(gone: (seq: number) => boolean): Promise<void> {
  writer.append(Buffer.from('later'))
  await writer.flushed()
  await writer.rewrite(({ seq }) => !gone(seq))
}

test.each([
  ['every third', (seq: number) => seq % 3 === 0],
  ['whole segments', (seq: number) => seq < 25],
  ['the last ones', (seq: number) => seq > 30 && seq < 40],
  ['all', () => true],
])('a reader reads on while the writer erases %s', async (_name, gone) => {
  const reader = await open()
  expect([reader.next, seqs(reader.read())]).toEqual([40, upTo(40)])
  await erase(gone)
  const left = upTo(40).filter((seq) => !gone(seq))
  expect(seqs(reader.read())).toEqual(left)
  expect(seqs(reader.read(17))).toEqual(left.filter((seq) => seq >= 17))
  expect(seqs(reader.heads(4))).toEqual(left)
})

test('a reader gives what was there when it was opened, and no more', async () => {
  const reader = await open()
  writer.append(Buffer.from('later'))
  await writer.flushed()
  expect(seqs(reader.read())).toEqual(upTo(40))
  expect(seqs(reader.heads(4))).toEqual(upTo(40))
})
