import type { Item } from '../../domain/index.ts'
import type { Importer, ImportStep } from '../contract.ts'
import { EventTable } from '../event-table.ts'
import { Meter, pathError } from '../files.ts'
import { Header } from '../rows/header.ts'
import { rejectRow, type RowFormat, rowBatches } from '../rows/rows.ts'
import { momentOf, numberOf } from '../rows/values.ts'
import { findLayout, type Layout } from './layout.ts'
import { genres100k, movie100k, movieItem } from './movies.ts'
import { TagCounts } from './tags.ts'
import { user100k, user1m } from './users.ts'

const STARS_MAX = 5

/**
 * MovieLens by GroupLens (Harper and Konstan, ACM TiiS 2015): ratings become `rating` events with the stars as value,
 * genres become categories, the most used tags tags, the year in the title the day of publication.
 */
export const movielens: Importer = {
  kind: 'movielens',
  say: 'MovieLens releases: ml-latest, ml-20m and later (CSV), ml-100k, ml-1m, ml-10m',
  async *read(path, options = {}) {
    const layout = await findLayout(path)
    const { ratings, movies, tags, users, genres } = layout
    const files = [genres, tags, movies, users, ratings].filter((file) => file !== undefined)
    const meter = await Meter.of(files, options)
    const counts = new TagCounts()
    if (tags) yield* readTags(tags, layout, counts, meter)
    const known = new Set<string>()
    if (movies) yield* readMovies(movies, layout, counts, known, meter)
    if (users) yield* readUsers(users, layout, meter)
    const table = new EventTable()
    yield* readRatings(layout, table, meter)
    yield* table.bareItems(known)
    yield* table.steps()
  },
}

/**
 * Rows of one file by column, with rejects for rows of another shape. CSV releases have a header; the others do not.
 * `each` gives undefined, or the code and the reason why the row is turned away.
 */
async function* eachRow(
  file: string,
  format: RowFormat,
  columns: readonly string[],
  meter: Meter,
  each: (
    fields: readonly string[],
    line: number,
  ) => ImportStep | readonly ['reject', Parameters<typeof rejectRow>[2], string] | undefined,
): AsyncGenerator<ImportStep> {
  const header = new Header()
  let places: number[] | undefined
  for await (const batch of rowBatches(file, format, meter)) {
    const rows = format.quotes ? header.strip(batch) : batch
    if (format.quotes && header.names && !places) {
      places = header.places(...columns)
      const missing = columns.filter((_, i) => places?.[i] === -1)
      if (missing.length > 0) throw pathError(file, `its header has no column ${missing.join(', ')}`)
    }
    for (const row of rows) {
      if ('code' in row) {
        yield rejectRow(file, row.line, row.code, row.why)
        continue
      }
      const { fields } = row
      if (fields.length !== (header.names?.length ?? columns.length)) {
        const expected = header.names?.length ?? columns.length
        yield rejectRow(file, row.line, 'ERR_ROW_SHAPE', `has ${fields.length} fields, not ${expected}`)
        continue
      }
      const result = each(places ? places.map((place) => fields[place] as string) : fields, row.line)
      if (result === undefined) continue
      if ('put' in result) yield result
      else yield rejectRow(file, row.line, result[1], result[2])
    }
  }
}

function readRatings(layout: Layout, table: EventTable, meter: Meter): AsyncGenerator<ImportStep> {
  const columns = ['userId', 'movieId', 'rating', 'timestamp']
  table.begin(layout.ratings)
  return eachRow(layout.ratings, layout.format, columns, meter, ([user, item, rating, timestamp], line) => {
    if (!user || !item) return ['reject', 'ERR_ROW_FIELD', 'has no user or no movie']
    const stars = numberOf(rating)
    if (!(stars > 0 && stars <= STARS_MAX)) return ['reject', 'ERR_ROW_NUMBER', `has rating "${rating}", not 0.5 to 5`]
    const at = momentOf(timestamp, 1000)
    if (Number.isNaN(at)) return ['reject', 'ERR_ROW_TIME', `has time "${timestamp}", not seconds since 1970`]
    table.add(user, item, 'rating', stars, at, line)
    return undefined
  })
}

function readTags(file: string, layout: Layout, counts: TagCounts, meter: Meter): AsyncGenerator<ImportStep> {
  return eachRow(file, layout.format, ['userId', 'movieId', 'tag', 'timestamp'], meter, ([, item, tag]) => {
    if (!item || tag === undefined) return ['reject', 'ERR_ROW_FIELD', 'has no movie or no tag']
    counts.add(item, tag)
    return undefined
  })
}

async function* readMovies(
  file: string,
  layout: Layout,
  counts: TagCounts,
  known: Set<string>,
  meter: Meter,
): AsyncGenerator<ImportStep> {
  const put = (item: Item | undefined): ImportStep | readonly ['reject', 'ERR_ROW_FIELD', string] => {
    if (!item?.id) return ['reject', 'ERR_ROW_FIELD', 'has no movie id']
    known.add(item.id)
    return { put: 'item', value: item, rows: 0 }
  }
  if (layout.form === '100k') {
    const genres = layout.genres ? await readGenres(layout.genres, meter) : genres100k
    const columns = ['id', 'title', 'released', 'video', 'url', ...genres]
    yield* eachRow(file, { ...layout.format, separator: '|' }, columns, meter, (row) => put(movie100k(row, genres)))
    return
  }
  yield* eachRow(file, layout.format, ['movieId', 'title', 'genres'], meter, ([id = '', title = '', genres = '']) =>
    put(movieItem(id, title, genres.split('|'), counts.top(id))),
  )
}

async function readGenres(file: string, meter: Meter): Promise<string[]> {
  const genres: string[] = []
  for await (const rows of rowBatches(file, { separator: '|', quotes: false, encoding: 'latin1' }, meter)) {
    for (const row of rows) {
      if (!('fields' in row)) continue
      const place = numberOf(row.fields[1])
      if (Number.isInteger(place)) genres[place] = row.fields[0] ?? ''
    }
  }
  return genres
}

function readUsers(file: string, layout: Layout, meter: Meter): AsyncGenerator<ImportStep> {
  const [format, parse] =
    layout.form === '100k'
      ? ([{ ...layout.format, separator: '|' }, user100k] as const)
      : ([layout.format, user1m] as const)
  return eachRow(file, format, ['id', '', '', '', ''], meter, (row) => {
    const value = parse(row)
    return value ? { put: 'user', value, rows: 0 } : ['reject', 'ERR_ROW_NUMBER', 'has no user id or no known age']
  })
}
