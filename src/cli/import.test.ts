import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { importKinds as kindsOfImporters } from '../connect/index.ts'
import { importKinds } from './import-kinds.ts'
import { fakeEngine } from './testing/engine.ts'
import { run } from './testing/run.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-cli-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('import and export', () => {
  it('knows the kinds that the importers know', () => {
    expect(Object.keys(importKinds).sort()).toEqual([...kindsOfImporters].sort())
  })

  it('accounts for every row and never asks for a world', async () => {
    const path = join(folder, 'good.jsonl')
    writeFileSync(path, '{"item":{"id":"i1"}}\n{"id":"e1","kind":"click","user":"u1","item":"i1","at":1}\nnot json\n')
    const { code, out, made } = await run(['import', 'jsonl', 'good.jsonl', '--data', 'new', '--json'], { folder })
    expect(code).toBe(0)
    const { rows, accepted, duplicate, rejected } = JSON.parse(out)
    expect({ rows, accepted, duplicate, rejected }).toEqual({
      rows: 3,
      accepted: 2,
      duplicate: 0,
      rejected: { ERR_ROW_JSON: 1 },
    })
    expect(made?.world).toBeUndefined()
    expect(made?.data).toBe(join(folder, 'new'))
  })

  it('fails when all was turned away, and says why', async () => {
    writeFileSync(join(folder, 'bad.jsonl'), 'no\nno\n')
    const { code, out } = await run(['import', 'jsonl', 'bad.jsonl'], { folder })
    expect(code).toBe(1)
    expect(out).toMatch(/ERR_ROW_JSON\s+│\s+2 │ 100.0 % │/)
  })

  it('looks at the path before it makes an engine', async () => {
    const { code, err, made } = await run(['import', 'jsonl', 'nothing.jsonl'], { folder })
    expect(code).toBe(1)
    expect(err).toMatch(/nothing.jsonl.*ERR_IMPORT_PATH/)
    expect(made).toBeUndefined()
  })

  it('tells of an import that is read and under way as such, not as the phase before it', async () => {
    writeFileSync(join(folder, 'slow.csv'), 'user,item,at\nu1,i1,2026-01-01\n')
    const engine = fakeEngine()
    engine.open = async (tell) => tell?.({ phase: 'warm-up', done: 0, total: 1 })
    const taken = engine.import.bind(engine)
    engine.import = async (steps, tell) => {
      const report = await taken(steps)
      tell?.({ phase: 'import', done: 1, total: 0 })
      await new Promise((done) => setTimeout(done, 1100)) // phases that take less are not told
      return report
    }
    const { err } = await run(['import', 'csv', 'slow.csv', '--data', 'slow'], { folder, engine })
    expect(err).toMatch(/^Importing: 1 in 1\.\d s$/m)
    expect(err).not.toContain('Warming up')
  })

  it('exports lines that the import takes back', async () => {
    const exported = await run(['export', 'all', '--data', '.', '--out', 'all.jsonl'], { folder })
    expect(exported.code).toBe(0)
    const { code, out } = await run(['import', 'jsonl', 'all.jsonl', '--json'], { folder })
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ rows: 5, accepted: 5, rejected: {} })
  })

  it('says which file cannot be written, and where one can', async () => {
    const { code, err } = await run(['export', 'all', '--data', '.', '--out', 'nowhere/x.jsonl'], { folder })
    expect(code).toBe(1)
    expect(err).toMatch(
      /Cannot write \S+nowhere\/x.jsonl: ENOENT.*Name a file in a folder that is there.*ERR_FILE_WRITE/,
    )
    expect(err).not.toMatch(/acknowledged/)
  })

  it('exports to standard output', async () => {
    const { out } = await run(['export', 'items', '--data', '.'], { folder })
    expect(
      out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).item.id),
    ).toEqual(['i1', 'i2'])
  })
})
