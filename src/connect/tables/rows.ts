import type { ImportStep } from '../contract.ts'
import { Meter, pathError } from '../files.ts'
import { Header } from '../rows/header.ts'
import { lineBatches } from '../rows/lines.ts'
import { type Row, rejectRow, rowBatches } from '../rows/rows.ts'

const separators = [',', '\t', ';', '|'] as const

/** A row that was read. */
type Cells = Extract<Row, { readonly fields: readonly string[] }>

/** Some rows of a table. One that cannot be read, or has not a cell for every name, is the step that rejects it. */
export interface TableBatch {
  /** Of the header; none while it has not come. */
  readonly names: readonly string[] | undefined
  readonly rows: readonly (Cells | ImportStep)[]
}

/**
 * A table with a header row: RFC 4180, UTF-8, parted by commas, tabs, semicolons or bars.
 * @throws SluiceError ERR_IMPORT_PATH when its first line is no header
 */
export async function* tableBatches(file: string, meter: Meter): AsyncGenerator<TableBatch> {
  const separator = await separatorOf(file)
  const header = new Header()
  for await (const batch of rowBatches(file, { separator, quotes: true, encoding: 'utf8' }, meter)) {
    const [first] = batch
    if (!header.names && first && 'code' in first) {
      const json = /\.(jsonl|ndjson|json)$/i.test(file) ? '. JSON lines are taken by "import jsonl"' : ''
      throw pathError(file, `line ${first.line} should name the columns, and ${first.why}${json}`)
    }
    const rows = header.strip(batch).map((row) => {
      if ('code' in row) return rejectRow(file, row.line, row.code, row.why)
      const width = header.names?.length ?? 0
      if (row.fields.length === width) return row
      return rejectRow(file, row.line, 'ERR_ROW_SHAPE', `has ${row.fields.length} fields, not ${width}`)
    })
    yield { names: header.names, rows }
  }
}

/** The separator that the header holds most often; a comma when it holds none. */
async function separatorOf(file: string): Promise<string> {
  const silent = await Meter.of([], {})
  for await (const lines of lineBatches(file, 'utf8', silent)) {
    const header = lines.find((line): line is string => typeof line === 'string' && line !== '') ?? ''
    const counts = separators.map((separator) => header.split(separator).length)
    return separators[counts.indexOf(Math.max(...counts))] ?? ','
  }
  return ','
}
