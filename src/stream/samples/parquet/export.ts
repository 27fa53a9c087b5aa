import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SluiceError } from '../../../foundation/base/index.ts'
import type { Dataset } from '../dataset.ts'
import { type SampleChunk, type TableName, tableNames } from '../schema.ts'
import { arrayOf, flatColumns, requestsOf } from './columns.ts'
import { type Connection, type DuckDB, quoted, withDuckDB } from './duckdb.ts'

/** Names by row, so that others can join: rows are numbers of one folder's state. */
export interface Names {
  item(row: number): string
  user(row: number): string
}

/** What says what the columns mean, beside the tables. */
export const HEADER_FILE = 'samples.json'
/** Rows that DuckDB takes at once. */
const BLOCK = 2048

/**
 * Writes samples as a folder of Parquet files, one per table - `requests`, `impressions`, `histories`, `nears` - that are
 * joined by `request`, and their header as JSON. The folder gets its name when it is whole.
 * @throws SluiceError ERR_DUCKDB_MISSING, ERR_FILE_WRITE
 */
export async function exportParquet(dataset: Dataset, folder: string, names: Names): Promise<void> {
  const draft = `${folder}.${process.pid}.new`
  try {
    rmSync(draft, { recursive: true, force: true })
    mkdirSync(draft, { recursive: true })
    await withDuckDB(async (connection, duckdb) => {
      for (const table of tableNames) {
        await fill(connection, duckdb, dataset, table, names)
        const path = join(draft, `${table}.parquet`)
        await connection.run(`COPY ${table} TO ${quoted(path)} (FORMAT parquet, COMPRESSION zstd)`)
        await connection.run(`DROP TABLE ${table}`)
      }
    })
    writeFileSync(join(draft, HEADER_FILE), `${JSON.stringify(dataset.header, null, 2)}\n`)
    renameSync(draft, folder)
  } catch (cause) {
    rmSync(draft, { recursive: true, force: true })
    if (cause instanceof SluiceError) throw cause
    throw new SluiceError('ERR_FILE_WRITE', [folder, (cause as Error).message], { cause })
  }
}

async function fill(
  connection: Connection,
  duckdb: DuckDB,
  dataset: Dataset,
  table: TableName,
  names: Names,
): Promise<void> {
  const columns = flatColumns(table, dataset.header)
  const id = table === 'requests' ? 'user' : 'item'
  const declared = columns.map(({ name, type }) => `"${name}" ${type}`)
  await connection.run(`CREATE TABLE ${table} (request DOUBLE, ${id}_id VARCHAR, ${declared.join(', ')})`)
  const { DOUBLE, VARCHAR, INTEGER, UINTEGER, SMALLINT, UTINYINT, FLOAT } = duckdb
  const kinds = { DOUBLE, INTEGER, UINTEGER, SMALLINT, UTINYINT, FLOAT }
  const types = [DOUBLE, VARCHAR, ...columns.map(({ type }) => kinds[type as keyof typeof kinds])]
  const appender = await connection.createAppender(table)
  let first = 0
  for (const chunk of dataset.chunks) {
    const requests = requestsOf(chunk, table, first)
    first += chunk.requests.at.length
    for (let from = 0; from < requests.length; from += BLOCK) {
      const to = Math.min(requests.length, from + BLOCK)
      const block = duckdb.DuckDBDataChunk.create(types, to - from)
      block.setColumns([
        Array.from(requests.subarray(from, to)),
        idsOf(chunk, table, id, names).slice(from, to),
        ...columns.map(({ column, width, place }) => {
          const array = arrayOf(chunk, table, column)
          return Array.from({ length: to - from }, (_, i) => array[(from + i) * width + place] as number)
        }),
      ])
      appender.appendDataChunk(block)
    }
  }
  appender.closeSync()
}

function idsOf(chunk: SampleChunk, table: TableName, id: 'user' | 'item', names: Names) {
  const rows = arrayOf(chunk, table, id)
  return {
    slice: (from: number, to: number) =>
      Array.from(rows.subarray(from, to), (row) =>
        row < 0 ? null : id === 'user' ? names.user(row) : names.item(row),
      ),
  }
}
