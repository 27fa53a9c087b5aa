import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openFileJournal } from '../../foundation/store/index.ts'
import { ServedLog } from './log.ts'

const OPEN = '/proc/self/fd'
const isLinux = process.platform === 'linux'

it.skipIf(!isLinux)(
  'lets the file go once a slate is found: who is asked to explain many does not run out of files',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-served-'))
    const log = new ServedLog(await openFileJournal(folder, { segmentBytes: 1e6, sync: false }))
    const bytes = (slate: string) => Buffer.from(JSON.stringify({ slate, user: 'u1', at: 1 }))
    for (const slate of ['slate-one', 'slate-two'])
      log.append({ slate, featureDigest: 'f1', bytes: bytes(slate) }, ['age'])
    await log.flush()
    const before = readdirSync(OPEN).length
    for (let i = 0; i < 20; i++) expect(log.find('slate-one')).toMatchObject({ slate: 'slate-one', at: 1 })
    expect(readdirSync(OPEN).length).toBe(before)
    expect(log.featureNames('f1')).toEqual(['age'])
    await log.close()
    const again = new ServedLog(await openFileJournal(folder, { segmentBytes: 1e6, readOnly: true }))
    expect(again.featureNames('f1')).toEqual(['age'])
    expect(again.find('none')).toBeUndefined()
    expect(readdirSync(OPEN).length).toBeLessThanOrEqual(before)
    rmSync(folder, { recursive: true })
  },
)
