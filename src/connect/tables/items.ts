import type { Importer, ImportStep, RowRejection } from '../contract.ts'
import { filesAt, Meter, pathError } from '../files.ts'
import { plainName } from '../rows/header.ts'
import { rejectRow } from '../rows/rows.ts'
import { decimalOf, isoOf, momentOf, numberOf } from '../rows/values.ts'
import { eventColumns } from './columns.ts'
import { tableBatches } from './rows.ts'

type Read = (text: string) => unknown

const text: Read = (cell) => cell
/** Several in one cell are parted by bars, semicolons or commas. */
const list: Read = (cell) => cell.split(/[|;,]/).flatMap((word) => (word.trim() === '' ? [] : [word.trim()]))
const number: Read = (cell) => nothing(decimalOf(cell))
const flag: Read = (cell) => (/^(true|yes|1)$/i.test(cell) ? true : /^(false|no|0)$/i.test(cell) ? false : undefined)
/** From here on a count since 1970 is one of milliseconds: as seconds it would lie past the year 5000. */
const MILLISECONDS_FROM = 1e11
const moment: Read = (cell) => {
  if (/^\d{4}$/.test(cell)) return isoOf(`${cell}-01-01`) // a year
  const count = numberOf(cell)
  return nothing(Number.isNaN(count) ? isoOf(cell) : momentOf(cell, count < MILLISECONDS_FROM ? 1000 : 1))
}

/** What an item is made of: how a cell is read, what is said of one that cannot be, and by which names a column is known. */
const fields: Readonly<Record<string, { read: Read; code: RowRejection; names: readonly string[] }>> = {
  id: { read: text, code: 'ERR_ROW_FIELD', names: ['id', 'itemid', 'sku', 'productid', 'movieid', 'articleid'] },
  title: { read: text, code: 'ERR_ROW_FIELD', names: ['title', 'name', 'itemname', 'productname'] },
  description: { read: text, code: 'ERR_ROW_FIELD', names: ['description', 'summary', 'overview'] },
  creator: { read: text, code: 'ERR_ROW_FIELD', names: ['creator', 'author', 'artist', 'brand', 'channel'] },
  categories: { read: list, code: 'ERR_ROW_FIELD', names: ['categories', 'category', 'genres', 'genre'] },
  tags: { read: list, code: 'ERR_ROW_FIELD', names: ['tags', 'keywords'] },
  language: { read: text, code: 'ERR_ROW_FIELD', names: ['language', 'lang'] },
  duration: { read: number, code: 'ERR_ROW_NUMBER', names: ['duration', 'seconds', 'length'] },
  published: { read: moment, code: 'ERR_ROW_TIME', names: ['published', 'publishedat', 'releasedate', 'createdat'] },
  expires: { read: moment, code: 'ERR_ROW_TIME', names: ['expires', 'expiresat'] },
  hidden: { read: flag, code: 'ERR_ROW_FIELD', names: ['hidden'] },
  flags: { read: list, code: 'ERR_ROW_FIELD', names: ['flags'] },
  ageRating: { read: number, code: 'ERR_ROW_NUMBER', names: ['agerating'] },
  countries: { read: list, code: 'ERR_ROW_FIELD', names: ['countries'] },
  notCountries: { read: list, code: 'ERR_ROW_FIELD', names: ['notcountries'] },
  stock: { read: number, code: 'ERR_ROW_NUMBER', names: ['stock', 'inventory'] },
  price: { read: number, code: 'ERR_ROW_NUMBER', names: ['price'] },
  image: { read: text, code: 'ERR_ROW_FIELD', names: ['image', 'imageurl', 'thumbnail'] },
}

/** A catalogue as a table with a header row, one item a row. Columns that are no field of an item become its attributes. */
export const items: Importer = {
  kind: 'items',
  say: 'a table of items with a header: id and, if there, title, creator, categories, tags, duration, published, price, ...',
  async *read(path, options = {}) {
    const files = await filesAt(path, /\.(csv|tsv)$/i, '*.csv or *.tsv file')
    const meter = await Meter.of(files, options)
    for (const file of files) yield* readFile(file, meter, options.columns)
  },
}

async function* readFile(
  file: string,
  meter: Meter,
  given: Readonly<Record<string, string>> | undefined,
): AsyncGenerator<ImportStep> {
  let parts: readonly string[] | undefined
  for await (const { names, rows } of tableBatches(file, meter)) {
    if (names) parts ??= partsOf(file, names, given)
    for (const row of rows) {
      if ('put' in row) {
        yield row
        continue
      }
      const item = itemOf(parts ?? [], row.fields, names ?? [])
      if (Array.isArray(item)) yield rejectRow(file, row.line, ...item)
      else yield { put: 'item', value: item, rows: 1, place: { file, line: row.line } }
    }
  }
}

/**
 * Of each column the field of an item that it is; empty for one that becomes an attribute.
 * @throws SluiceError ERR_IMPORT_PATH when a given column is not there, none is the id, or the rows look like events
 */
function partsOf(file: string, there: readonly string[], given: Readonly<Record<string, string>> = {}): string[] {
  const parts = there.map(() => '')
  const events = Object.keys(given).length === 0 ? eventColumns(there) : undefined
  if (events) {
    const why = `it looks like a table of events, and this form takes items: it has the columns ${events.join(' and ')}, and no title`
    throw pathError(
      file,
      `${why}. Take it with "import csv"; if they are items all the same, name their id: --column id=COLUMN`,
    )
  }
  for (const [field, column] of Object.entries(given)) {
    if (!Object.hasOwn(fields, field)) throw pathError(file, `"${field}" is none of ${Object.keys(fields).join(', ')}`)
    if (!there.includes(column)) throw pathError(file, `it has no column "${column}"; it has ${there.join(', ')}`)
    parts[there.indexOf(column)] = field
  }
  for (const [field, { names }] of Object.entries(fields)) {
    if (parts.includes(field)) continue
    const known = names.find((name) => there.some((column, at) => parts[at] === '' && plainName(column) === name))
    const at = there.findIndex((column, place) => parts[place] === '' && plainName(column) === known)
    if (at >= 0) parts[at] = field
  }
  if (parts.includes('id')) return parts
  const has = there.join(', ') || 'no columns'
  throw pathError(
    file,
    `no column is the id: it has ${has}. Name one with --column id=COLUMN, or call it id, item_id, sku`,
  )
}

/** The item of a row, or why it is none. Empty cells are left out. */
function itemOf(
  parts: readonly string[],
  cells: readonly string[],
  names: readonly string[],
): Record<string, unknown> | [RowRejection, string] {
  const item: Record<string, unknown> = {}
  const attributes: [string, unknown][] = []
  for (const [at, raw] of cells.entries()) {
    const cell = raw.trim()
    const field = parts[at] ?? ''
    if (cell === '') continue
    if (field === '') {
      const value = nothing(numberOf(cell)) ?? (/^(true|false)$/i.test(cell) ? flag(cell) : cell)
      if (names[at]) attributes.push([names[at], value]) // a column without a name, as of row numbers, says nothing
      continue
    }
    const { read, code } = fields[field] as (typeof fields)[string]
    const value = read(cell)
    if (value === undefined) return [code, `has ${field} "${cell}", which cannot be read as one`]
    item[field] = value
  }
  if (item['id'] === undefined) return ['ERR_ROW_FIELD', 'has no id']
  return attributes.length > 0 ? { ...item, attributes: Object.fromEntries(attributes) } : item
}

function nothing(value: number | undefined): number | undefined {
  return Number.isNaN(value) ? undefined : value
}
