import type { Importer, ImportStep } from '../contract.ts'
import { filesAt, Meter } from '../files.ts'
import { rejectRow } from '../rows/rows.ts'
import { findColumns } from './columns.ts'
import { Interactions } from './interactions.ts'
import { tableBatches } from './rows.ts'

/** A table of interactions with a header row. */
export const csv: Importer = {
  kind: 'csv',
  say: 'a table with a header: user, item, time and, if there, kind and value; parted by comma, tab, semicolon or bar',
  async *read(path, options = {}) {
    const files = await filesAt(path, /\.(csv|tsv)$/i, '*.csv or *.tsv file')
    const meter = await Meter.of(files, options)
    const interactions = new Interactions(options.ratingMax)
    for (const file of files) yield* readFile(file, interactions, meter, options.columns)
    yield* interactions.steps()
  },
}

async function* readFile(
  file: string,
  interactions: Interactions,
  meter: Meter,
  given: Readonly<Record<string, string>> | undefined,
): AsyncGenerator<ImportStep> {
  let places: number[] | undefined
  for await (const { names, rows } of tableBatches(file, meter)) {
    if (names && !places) {
      const columns = findColumns(file, names, given)
      interactions.begin(file, columns)
      const { user, item, at, kind, value } = columns
      places = [user, item, at, kind, value].map((name) => (name === undefined ? -1 : names.indexOf(name)))
    }
    for (const row of rows) {
      if ('put' in row) {
        yield row
        continue
      }
      const [user, item, at, kind, value] = (places ?? []).map((place) => row.fields[place])
      const refused = interactions.add({ user, item, at, kind, value }, row.line)
      if (refused) yield rejectRow(file, row.line, ...refused)
    }
  }
}
