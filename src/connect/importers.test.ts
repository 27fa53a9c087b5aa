import { existsSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ImportKind, importKinds } from './contract.ts'
import { importers } from './importers.ts'
import { parseEvent, parseItem, parseUser } from '../domain/index.ts'
import { folderOf, importAll } from './testing/imported.ts'

const nameOf: Record<ImportKind, string> = {
  movielens: 'ratings.csv',
  retailrocket: 'events.tsv',
  csv: 'x.csv',
  items: 'x.csv',
  jsonl: 'x.jsonl',
  parquet: 'x.parquet',
  sequences: 'sequences.txt',
}
const headerOf: Partial<Record<ImportKind, string>> = {
  movielens: 'userId,movieId,rating,timestamp\n',
  retailrocket: 'user\titem\tbehavior\ttimestamp\n',
  csv: 'user,item,at\n',
  items: 'id,title,price\n',
}

describe.each(importKinds)('the %s importer', (kind) => {
  it('is named by its kind and explained', () => {
    expect(importers[kind].kind).toBe(kind)
    expect(importers[kind].say.length).toBeGreaterThan(10)
  })

  it('never fails on a bad row: steps, or one error about the path', async () => {
    const junk = fc.oneof(
      fc.string({ unit: fc.constantFrom('1', '5', ',', '\t', '"', '\n', ' ', '{', '}', ':', 'a', '\r') }),
      fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    )
    await fc.assert(
      fc.asyncProperty(junk, async (bytes) => {
        const content = Buffer.concat([Buffer.from(headerOf[kind] ?? ''), Buffer.from(bytes)])
        const folder = await folderOf({ [nameOf[kind]]: content })
        try {
          const { steps, rows, events, rejects } = await importAll(kind, folder, { now: 0 })
          const records = ['jsonl', 'items'].includes(kind) ? steps.length : events.length + rejects.length
          expect(rows).toBe(records)
        } catch (error) {
          expect(error).toMatchObject({ code: 'ERR_IMPORT_PATH' })
        }
      }),
      { numRuns: 40 },
    )
  })
})

const datasets = process.env['SLUICE_DATASETS'] ?? join(process.cwd(), '../shared/data')

describe('real data sets', () => {
  it.each([
    ['movielens', 'ml-latest-small', { rows: 100_836, items: 9742, users: 0 }],
    ['movielens', 'ml-100k', { rows: 100_000, items: 1682, users: 943 }],
    ['retailrocket', 'sslrec-retailrocket', { rows: 97_381, items: 0, users: 0 }],
  ] as const)('%s reads every row of %s', async (kind, name, expected) => {
    const folder = join(datasets, name)
    if (!existsSync(folder)) {
      console.log(`skipped: ${folder} is not there; set SLUICE_DATASETS to the folder of the data sets`)
      return
    }
    const { events, items, users, bare, rejects, rows } = await importAll(kind, folder)
    expect({ rows, items: items.length, users: users.length }).toEqual(expected)
    expect(events).toHaveLength(expected.rows)
    expect(rejects).toEqual([])
    expect(new Set(events.map(({ id }) => id)).size).toBe(expected.rows)
    const known = new Set([...bare, ...items.map(({ id }) => id)])
    let before = 0
    for (const event of events) {
      const { item, at } = event as { item: string; at: number }
      if (!known.has(item) || at < before) throw new Error(`event about ${item} at ${at} stands wrong`)
      before = at
    }
    for (const item of items) expect(parseItem(item)).toMatchObject({ ok: true })
    for (const user of users) expect(parseUser(user)).toMatchObject({ ok: true })
    for (const event of events.slice(0, 1000)) expect(parseEvent(event)).toMatchObject({ ok: true })
  })
})
