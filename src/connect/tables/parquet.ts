import type { AsyncBuffer } from 'hyparquet'
import { asyncBufferFromFile, parquetMetadataAsync, parquetRead, parquetSchema } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import type { Importer, ImportStep } from '../contract.ts'
import { filesAt, Meter, pathError } from '../files.ts'
import { rejectRow } from '../rows/rows.ts'
import { findColumns } from './columns.ts'
import { Interactions } from './interactions.ts'

/** Most rows that are decoded at once; row groups are read in pieces of this size. */
const PIECE_ROWS = 65_536

/** A table of interactions in Apache Parquet, in any of its compressions. Columns are found as for csv. */
export const parquet: Importer = {
  kind: 'parquet',
  say: 'a Parquet table: user, item, time and, if there, kind and value',
  async *read(path, options = {}) {
    const files = await filesAt(path, /\.parquet$/i, '*.parquet file')
    const meter = await Meter.of(files, options)
    const interactions = new Interactions(options.ratingMax)
    for (const file of files) yield* readFile(file, interactions, meter, options.columns)
    yield* interactions.steps()
  },
}

async function open(file: string) {
  try {
    const buffer = await asyncBufferFromFile(file)
    return { buffer, metadata: await parquetMetadataAsync(buffer) }
  } catch (cause) {
    throw pathError(file, `it is no Parquet file (${cause instanceof Error ? cause.message : cause})`, cause)
  }
}

async function* readFile(
  file: string,
  interactions: Interactions,
  meter: Meter,
  given: Readonly<Record<string, string>> | undefined,
): AsyncGenerator<ImportStep> {
  const { buffer, metadata } = await open(file)
  const there = parquetSchema(metadata).children.map((column) => column.element.name)
  const found = findColumns(file, there, given)
  const { user, item, at, kind, value } = found
  const columns = [...new Set([user, item, at, kind, value])].filter((name) => name !== undefined)
  interactions.begin(file, found)
  const total = Number(metadata.num_rows)
  let first = 0 // row of the file that the row group starts with
  for (const group of metadata.row_groups) {
    const end = first + Number(group.num_rows)
    for (let start = first; start < end; start += PIECE_ROWS) {
      const stop = Math.min(end, start + PIECE_ROWS)
      const rows = await piece(file, { buffer, metadata, columns, start, stop })
      for (const [i, row] of rows.entries()) {
        const part = (name: string | undefined) => (name === undefined ? undefined : row[name])
        const parts = { user: part(user), item: part(item), at: part(at), kind: part(kind), value: part(value) }
        const refused = interactions.add(parts, start + i + 1)
        if (refused) yield rejectRow(file, start + i + 1, ...refused)
      }
      meter.add(((stop - start) / total) * buffer.byteLength)
    }
    first = end
  }
}

interface Piece {
  readonly buffer: AsyncBuffer
  readonly metadata: Awaited<ReturnType<typeof parquetMetadataAsync>>
  readonly columns: string[]
  readonly start: number
  readonly stop: number
}

async function piece(
  file: string,
  { buffer, metadata, columns, start, stop }: Piece,
): Promise<Record<string, unknown>[]> {
  let rows: Record<string, unknown>[] = []
  try {
    await parquetRead({
      file: buffer,
      metadata,
      columns,
      compressors,
      rowStart: start,
      rowEnd: stop,
      rowFormat: 'object',
      onComplete: (read) => {
        rows = read
      },
    })
  } catch (cause) {
    throw pathError(
      file,
      `rows ${start + 1} to ${stop} cannot be decoded (${cause instanceof Error ? cause.message : cause})`,
      cause,
    )
  }
  return rows
}
