import type { Importer, ImportStep } from '../contract.ts'
import { filesAt, Meter } from '../files.ts'
import { Header } from '../rows/header.ts'
import { rejectRow, rowBatches } from '../rows/rows.ts'
import { lineBatches } from '../rows/lines.ts'
import { findColumns } from './columns.ts'
import { Interactions } from './interactions.ts'

const separators = [',', '\t', ';', '|'] as const

/** A table of interactions with a header row: RFC 4180, UTF-8, parted by commas, tabs, semicolons or bars. */
export const csv: Importer = {
  kind: 'csv',
  say: 'a table with a header: user, item, time and, if there, kind and value; parted by comma, tab, semicolon or bar',
  async *read(path, options = {}) {
    const files = await filesAt(path, /\.(csv|tsv)$/i, '*.csv or *.tsv file')
    const meter = await Meter.of(files, options)
    const interactions = new Interactions()
    for (const file of files) yield* readFile(file, interactions, meter, options.columns)
    yield* interactions.steps()
  },
}

/** The separator that the header holds most often; a comma when it holds none. */
export async function separatorOf(file: string): Promise<string> {
  const silent = await Meter.of([], {})
  for await (const lines of lineBatches(file, 'utf8', silent)) {
    const header = lines.find((line) => line !== '') ?? ''
    const counts = separators.map((separator) => header.split(separator).length)
    return separators[counts.indexOf(Math.max(...counts))] ?? ','
  }
  return ','
}

async function* readFile(
  file: string,
  interactions: Interactions,
  meter: Meter,
  given: Readonly<Record<string, string>> | undefined,
): AsyncGenerator<ImportStep> {
  const separator = await separatorOf(file)
  const header = new Header()
  let places: number[] | undefined
  for await (const batch of rowBatches(file, { separator, quotes: true, encoding: 'utf8' }, meter)) {
    const rows = header.strip(batch)
    const names = header.names ?? []
    if (header.names && !places) {
      const columns = findColumns(file, names, given)
      interactions.begin(columns)
      const { user, item, at, kind, value } = columns
      places = [user, item, at, kind, value].map((name) => (name === undefined ? -1 : names.indexOf(name)))
    }
    for (const row of rows) {
      if ('code' in row) {
        yield rejectRow(file, row.line, row.code, row.why)
        continue
      }
      if (row.fields.length !== names.length) {
        const why = `has ${row.fields.length} fields, not ${names.length}`
        yield rejectRow(file, row.line, 'ERR_ROW_SHAPE', why)
        continue
      }
      const [user, item, at, kind, value] = (places ?? []).map((place) => row.fields[place])
      const refused = interactions.add({ user, item, at, kind, value })
      if (refused) yield rejectRow(file, row.line, ...refused)
    }
  }
}
