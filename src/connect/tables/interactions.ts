import type { ImportStep, RowRejection } from '../contract.ts'
import { EventTable } from '../event-table.ts'
import { TimeColumn } from '../rows/time-column.ts'
import { numberOf } from '../rows/values.ts'
import type { Columns } from './columns.ts'

/** Names that other systems give to kinds of ours. Any other name is taken as it is, for the engine to know or refuse. */
const aliases: ReadonlyMap<string, string> = new Map([
  ['view', 'click'],
  ['pv', 'click'],
  ['addtocart', 'cart'],
  ['add_to_cart', 'cart'],
  ['transaction', 'purchase'],
  ['buy', 'purchase'],
  ['fav', 'like'],
])

/** One row by part; what the source does not have is undefined. */
export interface InteractionRow {
  readonly user: unknown
  readonly item: unknown
  readonly at: unknown
  readonly kind: unknown
  readonly value: unknown
}

const idOf = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint' ? String(value).trim() : ''

/** What is known about the file that is being read. */
interface Reading {
  /** Kind of a row, where there is no column of kinds. */
  readonly plainKind: string | undefined
  readonly times: TimeColumn
  /** Row of the table that its first event went to. */
  readonly first: number
}

/**
 * Rows of tables of interactions as events, in order of time over all files. Without a column of kinds they are
 * `rating` events where there is a column of values, else `click` events. The form and the unit of the times are found
 * out for each file over all its rows; see TimeColumn.
 */
export class Interactions {
  private readonly table = new EventTable()
  private reading: Reading | undefined

  /** A file begins, or, without columns, the last one has ended. */
  begin(file?: string, columns?: Columns): void {
    if (this.reading) this.table.scaleTimes(this.reading.first, this.reading.times.unitMs)
    if (file === undefined || !columns) this.reading = undefined
    else {
      this.table.begin(file)
      const plainKind = columns.kind !== undefined ? undefined : columns.value === undefined ? 'click' : 'rating'
      this.reading = { plainKind, times: new TimeColumn(), first: this.table.size }
    }
  }

  /** Takes a row of the file that has begun, which stands in its `line`, or says why not. */
  add(row: InteractionRow, line: number): readonly [RowRejection, string] | undefined {
    if (!this.reading) throw new TypeError('Cannot take a row before a file has begun: call begin')
    const user = idOf(row.user)
    const item = idOf(row.item)
    const kind = this.reading.plainKind ?? idOf(row.kind)
    if (user === '' || item === '' || kind === '') {
      return ['ERR_ROW_FIELD', `has no ${user === '' ? 'user' : item === '' ? 'item' : 'kind'}`]
    }
    const given = row.value !== undefined && row.value !== null && row.value !== ''
    const value = given ? numberOf(String(row.value)) : Number.NaN
    if (given && Number.isNaN(value)) return ['ERR_ROW_NUMBER', `has value "${row.value}", which is no number`]
    const at = this.reading.times.read(row.at)
    if (Number.isNaN(at))
      return ['ERR_ROW_TIME', `has time "${row.at}", which is no time, or not in the form of the first`]
    this.table.add(user, item, aliases.get(kind.toLowerCase()) ?? kind, value, at, line)
    return undefined
  }

  *steps(): Generator<ImportStep> {
    this.begin()
    yield* this.table.bareItems()
    yield* this.table.steps()
  }
}
