import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { SluiceError } from '../../../foundation/base/index.ts'
import { ChunkWriter } from '../chunk-writer.ts'
import { Dataset } from '../dataset.ts'
import { SAMPLES_SCHEMA, type SampleChunk, type SamplesHeader, type TableName, tableNames } from '../schema.ts'
import { arrayOf, flatColumns } from './columns.ts'
import { type Connection, quoted, withDuckDB } from './duckdb.ts'
import { HEADER_FILE } from './export.ts'

/** Rows by name, of the state that will be trained on; -1 for a name that it does not know. */
export interface RowsByName {
  item(name: string): number
  user(name: string): number
}

/**
 * Reads a folder that `exportParquet` wrote, or that was changed since: rows may be left out and columns computed anew.
 * Ids go by their names.
 * @throws SluiceError ERR_DUCKDB_MISSING; ERR_SAMPLES_FILE for missing files or columns, another schema, and, with the row, for
 * cells that are empty or no numbers, requests that stand twice, and unknown items
 */
export async function importParquet(folder: string, rows: RowsByName): Promise<Dataset> {
  const header = readHeader(folder)
  return withDuckDB(async (connection) => {
    try {
      for (const table of tableNames) await requireColumns(connection, folder, header, table)
      const counts: Record<string, number> = {}
      for (const table of tableNames) counts[table] = await countOf(connection, folder, table)
      const chunk = ChunkWriter.empty(header.featureNames.length, counts as Record<TableName, number>)
      const places = await readRequests(connection, folder, header, chunk, rows)
      for (const table of ['impressions', 'histories', 'nears'] as const)
        await readPart(connection, folder, header, chunk, table, places, rows)
      return new Dataset(header, [chunk])
    } catch (cause) {
      if (cause instanceof SluiceError) throw cause
      throw broken(folder, (cause as Error).message.split('\n')[0] ?? '', cause)
    }
  })
}

function readHeader(folder: string): SamplesHeader {
  const path = join(folder, HEADER_FILE)
  if (!existsSync(path)) throw broken(folder, `it has no ${HEADER_FILE}`)
  const header = JSON.parse(readFileSync(path, 'utf8')) as SamplesHeader
  if (header.schema !== SAMPLES_SCHEMA)
    throw broken(folder, `it has schema ${header.schema}, this version reads ${SAMPLES_SCHEMA}`)
  return header
}

const source = (folder: string, table: TableName, numbered = false): string =>
  `read_parquet(${quoted(join(folder, `${table}.parquet`))}, file_row_number = ${numbered})`

/** A row of a file, counted from 1, for who has to mend it. */
const placeOf = (table: TableName, row: number): string => `row ${row} of ${table}.parquet`

const idOf = (table: TableName): string => (table === 'requests' ? 'user_id' : 'item_id')

async function requireColumns(
  connection: Connection,
  folder: string,
  header: SamplesHeader,
  table: TableName,
): Promise<void> {
  const reader = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${source(folder, table)}`)
  const there = new Set(reader.getColumns()[0])
  const needed = ['request', idOf(table), ...flatColumns(table, header).map(({ name }) => name)]
  const missing = needed.filter((name) => !there.has(name))
  if (missing.length > 0) throw broken(folder, `${table}.parquet has no column ${missing.join(', ')}`)
}

/** Children of requests that were left out are left out with them. */
const kept = (folder: string, table: TableName): string =>
  table === 'requests' ? '' : ` WHERE request IN (SELECT request FROM ${source(folder, 'requests')})`

async function countOf(connection: Connection, folder: string, table: TableName): Promise<number> {
  const sql = `SELECT count(*)::DOUBLE FROM ${source(folder, table)}${kept(folder, table)}`
  const reader = await connection.runAndReadAll(sql)
  return reader.getColumns()[0]?.[0] as number
}

/** Fills the requests in order; gives the new number of each. */
async function readRequests(
  connection: Connection,
  folder: string,
  header: SamplesHeader,
  chunk: SampleChunk,
  rows: RowsByName,
): Promise<Map<number, number>> {
  const places = new Map<number, number>()
  await each(connection, folder, header, 'requests', chunk, (request, name, row, stands) => {
    if (places.has(request)) throw broken(folder, `${stands} has request ${request}, which stands above already`)
    places.set(request, row)
    chunk.requests.user[row] = name === null ? -1 : rows.user(name)
  })
  return places
}

async function readPart(
  connection: Connection,
  folder: string,
  header: SamplesHeader,
  chunk: SampleChunk,
  table: 'impressions' | 'histories' | 'nears',
  places: ReadonlyMap<number, number>,
  rows: RowsByName,
): Promise<void> {
  const { impressionEnd, historyEnd, nearEnd } = chunk.requests
  const ends = { impressions: impressionEnd, histories: historyEnd, nears: nearEnd }[table]
  await each(connection, folder, header, table, chunk, (request, name, row, stands) => {
    const item = name === null ? -1 : rows.item(name)
    if (item < 0) throw broken(folder, `${stands} has item_id ${name}, which is not in the catalogue`)
    chunk[table].item[row] = item
    ends[places.get(request) as number] = row + 1
  })
  for (let i = 1; i < ends.length; i++) ends[i] = Math.max(ends[i] as number, ends[i - 1] as number)
}

/** Reads the columns of a table into a chunk, ordered by request and then as they stand in the file. */
async function each(
  connection: Connection,
  folder: string,
  header: SamplesHeader,
  table: TableName,
  chunk: SampleChunk,
  told: (request: number, id: string | null, row: number, stands: string) => void,
): Promise<void> {
  const columns = flatColumns(table, header)
  const wanted = columns.map(({ name }) => `"${name}"`)
  const heads = `file_row_number::DOUBLE, request::DOUBLE, ${idOf(table)}`
  const sql = `SELECT ${heads}, ${wanted.join(', ')} FROM ${source(folder, table, true)}${kept(folder, table)} ORDER BY request, file_row_number`
  const result = await connection.stream(sql)
  let row = 0
  for (let block = await result.fetchChunk(); block && block.rowCount > 0; block = await result.fetchChunk()) {
    const [stands, requests, ids, ...values] = block.getColumns()
    for (let i = 0; i < block.rowCount; i++, row++) {
      const here = placeOf(table, (stands?.[i] as number) + 1)
      if (requests?.[i] === null) throw broken(folder, `${here} has no request`)
      for (const [c, { name, column, width, place }] of columns.entries()) {
        const value = numberIn(values[c]?.[i])
        if (value === undefined) throw broken(folder, `${here} has no number in ${name}`)
        arrayOf(chunk, table, column)[row * width + place] = value
      }
      told(requests?.[i] as number, ids?.[i] as string | null, row, here)
    }
  }
}

/** The number of a cell; undefined where it is empty or holds something else. NaN is a number here: the checks count it. */
function numberIn(cell: unknown): number | undefined {
  if (typeof cell === 'number') return cell
  return typeof cell === 'bigint' || typeof cell === 'boolean' ? Number(cell) : undefined
}

function broken(folder: string, why: string, cause?: unknown): SluiceError {
  return new SluiceError('ERR_SAMPLES_FILE', [folder, why], cause === undefined ? undefined : { cause })
}
