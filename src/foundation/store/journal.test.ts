import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { openFileJournal } from './file-journal.ts'
import { journalSuite } from './journal.suite.ts'
import { memoryJournal } from './memory-journal.ts'

const root = mkdtempSync(join(tmpdir(), 'sluice-journal-'))
afterAll(() => rmSync(root, { recursive: true }))

journalSuite('memory', async () => {
  const disk = { records: [], next: 0 }
  return { journal: memoryJournal(disk), reopen: async () => memoryJournal(disk) }
})

for (const segmentBytes of [200, 4096, 1024 * 1024]) {
  journalSuite(`file, segments of ${segmentBytes} bytes`, async () => {
    const folder = mkdtempSync(join(root, 'j'))
    const reopen = () => openFileJournal(folder, { segmentBytes })
    return { journal: await reopen(), reopen }
  })
}
