import type { Numbers } from '../../../foundation/base/index.ts'
import { type SampleChunk, type SamplesHeader, type TableName, tables, widthOf } from '../schema.ts'

/** Types of SQL by the arrays of the schema. */
const types: Readonly<Record<string, string>> = {
  Int32Array: 'INTEGER',
  Uint32Array: 'UINTEGER',
  Int16Array: 'SMALLINT',
  Uint8Array: 'UTINYINT',
  Float32Array: 'FLOAT',
  Float64Array: 'DOUBLE',
}

/** One number per row, as a table of SQL has it: part of a column of the schema that may be several wide. */
export interface FlatColumn {
  readonly name: string
  readonly type: string
  /** Of the schema, how many numbers a row has there, and which of them this is. */
  readonly column: string
  readonly width: number
  readonly place: number
}

/** Ends of parts within a chunk are said by the number of the request instead, which every table has. */
const isEnd = (name: string): boolean => name.endsWith('End')

/** The columns of a table: `label_click`, `feature_item.ctr` and their like for those that are several wide. */
export function flatColumns(table: TableName, { heads, featureNames }: SamplesHeader): FlatColumn[] {
  return Object.entries(tables[table]).flatMap(([column, spec]) => {
    if (isEnd(column)) return []
    const width = widthOf(spec, featureNames.length)
    const type = types[spec.make.name] as string
    const parts =
      column === 'labels' ? heads.map((head) => `label_${head}`) : featureNames.map((name) => `feature_${name}`)
    if (spec.width === 1) return [{ name: column, type, column, width, place: 0 }]
    return Array.from({ length: width }, (_, place) => ({ name: parts[place] as string, type, column, width, place }))
  })
}

/** The number of its request for every row of a table of a chunk. `first`: number of the chunk's first request. */
export function requestsOf(chunk: SampleChunk, table: TableName, first: number): Float64Array {
  const { requests } = chunk
  const count = requests.at.length
  if (table === 'requests') return Float64Array.from({ length: count }, (_, row) => first + row)
  const ends = { impressions: requests.impressionEnd, histories: requests.historyEnd, nears: requests.nearEnd }[table]
  const out = new Float64Array(ends[count - 1] ?? 0)
  for (let row = 0, from = 0; row < count; from = ends[row++] as number) out.fill(first + row, from, ends[row])
  return out
}

/** An array of a chunk, by the names of the schema. */
export const arrayOf = (chunk: SampleChunk, table: TableName, column: string): Numbers =>
  (chunk[table] as unknown as Record<string, Numbers>)[column] as Numbers
