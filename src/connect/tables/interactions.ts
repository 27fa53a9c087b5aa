import type { ImportStep, RowRejection } from '../contract.ts'
import { EventTable } from '../event-table.ts'
import { TimeColumn } from '../rows/time-column.ts'
import { pathError } from '../files.ts'
import { decimalOf } from '../rows/values.ts'
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

const STARS_MAX = 5
const STARS_MIN = 0.5
/** Where more of the ratings than this are beyond five stars they are of another scale, and the others mean something else too. */
const BEYOND_MAX = 0.01

/** What is known about the file that is being read. */
interface Reading {
  /** Kind of a row, where there is no column of kinds. */
  readonly plainKind: string | undefined
  readonly times: TimeColumn
  /** Row of the table that its first event went to. */
  readonly first: number
  readonly file: string
  /** Ratings; those beyond five stars and the greatest of them, where the source was not said to have another scale. */
  ratings: number
  beyond: number
  greatest: number
}

/**
 * Rows of tables of interactions as events, in order of time over all files. Without a column of kinds they are
 * `rating` events where there is a column of values, else `click` events. The form and the unit of the times are found
 * out for each file over all its rows; see TimeColumn.
 */
export class Interactions {
  private readonly table = new EventTable()
  private readonly ratingMax: number | undefined
  private reading: Reading | undefined

  /** `ratingMax`: the best rating there is, which counts as five stars; undefined: ratings are stars. */
  constructor(ratingMax?: number) {
    this.ratingMax = ratingMax
  }

  /**
   * A file begins, or, without columns, the last one has ended.
   * @throws SluiceError ERR_IMPORT_PATH when ratings of the last one are plainly no stars
   */
  begin(file?: string, columns?: Columns): void {
    if (this.reading) {
      requireStars(this.reading)
      this.table.scaleTimes(this.reading.first, this.reading.times.unitMs)
    }
    if (file === undefined || !columns) this.reading = undefined
    else {
      this.table.begin(file)
      const plainKind = columns.kind !== undefined ? undefined : columns.value === undefined ? 'click' : 'rating'
      const judged = { ratings: 0, beyond: 0, greatest: 0 }
      this.reading = { plainKind, times: new TimeColumn(), first: this.table.size, file, ...judged }
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
    const value = given ? decimalOf(String(row.value)) : Number.NaN
    if (given && Number.isNaN(value)) return ['ERR_ROW_NUMBER', `has value "${row.value}", which is no number`]
    const at = this.reading.times.read(row.at)
    if (Number.isNaN(at))
      return ['ERR_ROW_TIME', `has time "${row.at}", which is no time, or not in the form of the first`]
    const ours = aliases.get(kind.toLowerCase()) ?? kind
    const stars = given && ours === 'rating' ? this.starsOf(value, this.reading) : value
    if (given && Number.isNaN(stars)) return ['ERR_ROW_NUMBER', `has rating "${row.value}", not 0 to ${this.ratingMax}`]
    this.table.add(user, item, ours, stars, at, line)
    return undefined
  }

  /** A rating as stars; NaN when it is not on its scale. The worst one is half a star. */
  private starsOf(value: number, reading: Reading): number {
    if (this.ratingMax !== undefined)
      return value >= 0 && value <= this.ratingMax
        ? Math.max(STARS_MIN, (STARS_MAX * value) / this.ratingMax)
        : Number.NaN
    reading.ratings++
    if (value > STARS_MAX) {
      reading.beyond++
      reading.greatest = Math.max(reading.greatest, value)
    }
    return value // what is no star is told by the engine, row by row
  }

  *steps(): Generator<ImportStep> {
    this.begin()
    yield* this.table.bareItems()
    yield* this.table.steps()
  }
}

function requireStars({ file, ratings, beyond, greatest }: Reading): void {
  if (beyond <= BEYOND_MAX * ratings) return
  throw pathError(
    file,
    `its ratings go to ${greatest}, and ours are 0.5 to 5 stars: say the best that one can give with --rating-max, as --rating-max 10`,
  )
}
