import { basename, dirname, join } from 'node:path'
import { kindOfPath, namesIn, pathError } from '../files.ts'
import type { RowFormat } from '../rows/rows.ts'

/** How a release of MovieLens lies on disk. */
export interface Layout {
  readonly folder: string
  readonly form: 'csv' | '100k' | 'dat'
  readonly format: RowFormat
  readonly ratings: string
  readonly movies?: string
  readonly tags?: string
  readonly users?: string
  readonly genres?: string
}

const forms = {
  'ratings.csv': { form: 'csv', movies: 'movies.csv', tags: 'tags.csv' },
  'u.data': { form: '100k', movies: 'u.item', users: 'u.user', genres: 'u.genre' },
  'ratings.dat': { form: 'dat', movies: 'movies.dat', tags: 'tags.dat', users: 'users.dat' },
} as const

const wanted = 'ratings.csv (ml-latest, ml-20m and later), u.data (ml-100k) or ratings.dat (ml-1m, ml-10m)'

/**
 * Finds a release: in the folder, in the one folder below it that has one (as archives unpack), or around the file of ratings itself.
 * @throws SluiceError ERR_IMPORT_PATH with what was looked for, or with the folders when several have one
 */
export async function findLayout(path: string): Promise<Layout> {
  if ((await kindOfPath(path)) === 'file') {
    const found = layoutOf(dirname(path), [basename(path)], await namesIn(dirname(path)))
    if (found) return found
    throw pathError(path, `it is none of ${wanted}`)
  }
  const names = await namesIn(path)
  const here = layoutOf(path, names, names)
  if (here) return here
  const found: Layout[] = []
  for (const name of names) {
    const inner = join(path, name)
    if ((await kindOfPath(inner)) === 'file') continue
    const below = await namesIn(inner)
    const layout = layoutOf(inner, below, below)
    if (layout) found.push(layout)
  }
  const [only, ...others] = found
  if (only && others.length === 0) return only
  if (!only) throw pathError(path, `it holds none of ${wanted}`)
  const releases = found.map(({ folder }) => basename(folder)).join(', ')
  throw pathError(path, `it holds several releases: ${releases}. Name one of these folders`)
}

function layoutOf(folder: string, ratings: readonly string[], names: readonly string[]): Layout | undefined {
  for (const [name, { form, ...others }] of Object.entries(forms)) {
    if (!ratings.includes(name)) continue
    const there = Object.entries(others).filter(([, file]) => names.includes(file))
    // ml-1m is Latin-1; ml-10m, which has no users.dat, and the CSV releases are UTF-8.
    const latin1 = form === '100k' || (form === 'dat' && names.includes('users.dat'))
    const separator = { csv: ',', '100k': '\t', dat: '::' }[form]
    const format: RowFormat = { separator, quotes: form === 'csv', encoding: latin1 ? 'latin1' : 'utf8' }
    const files = Object.fromEntries(there.map(([role, file]) => [role, join(folder, file)]))
    return { folder, form, format, ratings: join(folder, name), ...files }
  }
  return undefined
}
