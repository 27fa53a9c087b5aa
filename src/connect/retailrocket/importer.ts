import { basename, dirname, join } from 'node:path'
import type { Importer, ImportStep } from '../contract.ts'
import { EventTable } from '../event-table.ts'
import { kindOfPath, Meter, namesIn, pathError } from '../files.ts'
import { Header } from '../rows/header.ts'
import { rejectRow, rowBatches } from '../rows/rows.ts'
import { momentOf } from '../rows/values.ts'
import { readCategories } from './properties.ts'

/** What the source calls an event, and what we call it. A page view is the viewer opening the item: a click. */
const kindOf: ReadonlyMap<string, string> = new Map([
  ['view', 'click'],
  ['addtocart', 'cart'],
  ['cart', 'cart'],
  ['transaction', 'purchase'],
  ['buy', 'purchase'],
])

/** The two forms: columns of user, item, kind and time, and the unit of the time. */
const forms = [
  { columns: ['visitorid', 'itemid', 'event', 'timestamp'], unitMs: 1 },
  { columns: ['user', 'item', 'behavior', 'timestamp'], unitMs: 1000 },
] as const

const PROPERTIES = /^item_properties.*\.csv$/

/** RetailRocket's shop log (Kaggle, 2015), as published or as one table of behaviours with times in seconds. */
export const retailrocket: Importer = {
  kind: 'retailrocket',
  say: 'RetailRocket: events.csv (Kaggle) with item_properties*.csv, or events.tsv (user, item, behavior, timestamp)',
  async *read(path, options = {}) {
    const { events, properties } = await findFiles(path)
    const meter = await Meter.of([...properties, events], options)
    const categories = new Map<string, string>()
    yield* readCategories(properties, categories, meter)
    for (const [id, category] of categories) yield { put: 'item', value: { id, categories: [category] }, rows: 0 }
    const table = new EventTable()
    yield* readEvents(events, table, meter)
    yield* table.bareItems(categories)
    yield* table.steps()
  },
}

async function findFiles(path: string): Promise<{ events: string; properties: string[] }> {
  const file = (await kindOfPath(path)) === 'file'
  const folder = file ? dirname(path) : path
  const names = await namesIn(folder)
  const name = file ? basename(path) : ['events.csv', 'events.tsv'].find((known) => names.includes(known))
  if (!name)
    throw pathError(path, 'it holds neither events.csv (Kaggle) nor events.tsv (user, item, behavior, timestamp)')
  const properties = names.filter((other) => PROPERTIES.test(other)).map((other) => join(folder, other))
  return { events: join(folder, name), properties }
}

async function* readEvents(file: string, table: EventTable, meter: Meter): AsyncGenerator<ImportStep> {
  const separator = file.endsWith('.tsv') ? '\t' : ','
  const header = new Header()
  table.begin(file)
  let places: number[] | undefined
  let unitMs = 1
  for await (const batch of rowBatches(file, { separator, quotes: separator === ',', encoding: 'utf8' }, meter)) {
    const rows = header.strip(batch)
    if (header.names && !places) {
      const form = forms.find(({ columns }) => !header.places(...columns).includes(-1))
      if (!form)
        throw pathError(
          file,
          `its header is "${header.names.join(separator)}": it needs the columns ` +
            forms.map(({ columns }) => columns.join(', ')).join(' or '),
        )
      places = header.places(...form.columns)
      unitMs = form.unitMs
    }
    for (const row of rows) {
      if ('code' in row) {
        yield rejectRow(file, row.line, row.code, row.why)
        continue
      }
      const { line, fields } = row
      const expected = header.names?.length ?? 0
      const [user, item, event, timestamp] = (places ?? []).map((place) => fields[place])
      const kind = kindOf.get(event?.trim().toLowerCase() ?? '')
      const at = momentOf(timestamp, unitMs)
      if (fields.length !== expected)
        yield rejectRow(file, line, 'ERR_ROW_SHAPE', `has ${fields.length} fields, not ${expected}`)
      else if (!user || !item) yield rejectRow(file, line, 'ERR_ROW_FIELD', 'has no user or no item')
      else if (!kind)
        yield rejectRow(file, line, 'ERR_ROW_KIND', `has event "${event}", not one of ${[...kindOf.keys()].join(', ')}`)
      else if (Number.isNaN(at))
        yield rejectRow(
          file,
          line,
          'ERR_ROW_TIME',
          `has time "${timestamp}", not ${unitMs === 1 ? 'milliseconds' : 'seconds'}`,
        )
      else table.add(user, item, kind, Number.NaN, at, line)
    }
  }
}
