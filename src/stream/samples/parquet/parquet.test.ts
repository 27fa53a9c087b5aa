import { cpSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createWorld } from '../../../world/index.ts'
import type { Entry } from '../../events/index.ts'
import { ground } from '../testing/ground.ts'
import { type Dataset, exportParquet, importParquet, samplesOf } from '../index.ts'
import { quoted, withDuckDB } from './duckdb.ts'

let folder: string
let dataset: Dataset
const made = ground()
const { items, users } = made.state
const names = { item: (row: number) => items.ids.name(row), user: (row: number) => users.ids.name(row) }
const rows = { item: (name: string) => items.ids.find(name), user: (name: string) => users.ids.find(name) }
const path = (name: string) => join(folder, name)

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-parquet-'))
  const entries = Array.from(
    createWorld({ users: 30, items: 60, days: 2, events: 1200, seed: 'parquet' }).entries(),
    (one): Entry => {
      if (one.type !== 'event') return one
      return { type: 'event', event: { ...one.event, at: one.event.at as number, receivedAt: 0 } }
    },
  )
  dataset = samplesOf(() => entries, made, {
    surfaces: ['home'],
    returnMs: 0,
    keepOpen: true,
    chunkImpressions: 300,
  }).dataset
  await exportParquet(dataset, path('whole'), names)
})
afterAll(() => rmSync(folder, { recursive: true }))

test('comes back as it went out, whatever its chunks', async () => {
  expect(dataset.chunks.length).toBeGreaterThan(1)
  expect(readdirSync(path('whole')).sort()).toEqual([
    'histories.parquet',
    'impressions.parquet',
    'nears.parquet',
    'requests.parquet',
    'samples.json',
  ])
  const again = await importParquet(path('whole'), rows)
  expect(again.header).toEqual(dataset.header)
  expect([...again]).toEqual([...dataset])
})

test('names file, row and column of what cannot be read', async () => {
  const damaged = async (table: string, change: string) => {
    cpSync(path('whole'), path('damaged'), { recursive: true })
    await withDuckDB(async (connection) => {
      const file = quoted(path(`damaged/${table}.parquet`))
      await connection.run(`CREATE TABLE t AS SELECT * FROM ${file}`)
      await connection.run(change)
      await connection.run(`COPY t TO ${file} (FORMAT parquet)`)
    })
    return importParquet(path('damaged'), rows)
  }
  const cases = [
    ['requests', 'UPDATE t SET "at" = NULL WHERE rowid = 4', /row 5 of requests\.parquet has no number in at\./],
    ['requests', 'UPDATE t SET request = NULL WHERE rowid = 4', /row 5 of requests\.parquet has no request/],
    [
      'requests',
      'UPDATE t SET request = 3 WHERE rowid = 4',
      /row 5 of requests\.parquet has request 3, which stands above/,
    ],
    ['requests', 'ALTER TABLE t RENAME COLUMN request TO req', /requests\.parquet has no column request\./],
    [
      'impressions',
      "UPDATE t SET item_id = 'gone' WHERE rowid = 7",
      /row 8 of impressions\.parquet has item_id gone, which is not/,
    ],
    ['impressions', 'ALTER TABLE t DROP label_click', /impressions\.parquet has no column label_click/],
    [
      'impressions',
      'ALTER TABLE t ALTER label_click TYPE VARCHAR',
      /row 1 of impressions\.parquet has no number in label_click/,
    ],
  ] as const
  for (const [table, change, says] of cases) await expect(damaged(table, change), change).rejects.toThrow(says)
})

test('can be asked and changed by others: what they leave out is left out whole', async () => {
  const clicks = await withDuckDB(async (connection) => {
    const reader = await connection.runAndReadAll(
      `SELECT sum(label_click)::DOUBLE FROM ${quoted(path('whole/impressions.parquet'))}`,
    )
    await connection.run(
      `COPY (SELECT * FROM ${quoted(path('whole/requests.parquet'))} WHERE request % 2 = 1) TO ${quoted(path('odd.parquet'))}`,
    )
    return reader.getColumns()[0]?.[0]
  })
  const wanted = [...dataset].reduce(
    (sum, { labels }) =>
      sum + labels.reduce((own, label, i) => own + (i % dataset.header.heads.length === 0 ? label : 0), 0),
    0,
  )
  expect(clicks).toBe(wanted)
  renameSync(path('odd.parquet'), path('whole/requests.parquet'))
  const odd = await importParquet(path('whole'), rows)
  const plain = (one: Dataset) => Array.from(one, ({ index: _, ...request }) => request)
  expect(plain(odd)).toEqual(plain(dataset).filter((_, i) => i % 2 === 1))
})

test('says what is wrong with a folder', async () => {
  await expect(importParquet(path('none'), rows)).rejects.toThrow(/it has no samples.json/)
  const lost = { ...rows, item: () => -1 }
  await expect(importParquet(path('whole'), lost)).rejects.toThrow(/is not in the catalogue/)
  rmSync(path('whole/nears.parquet'))
  await expect(importParquet(path('whole'), rows)).rejects.toMatchObject({ code: 'ERR_SAMPLES_FILE' })
})
