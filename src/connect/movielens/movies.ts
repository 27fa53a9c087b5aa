import type { Item } from '../../domain/index.ts'

/** Genres of ml-100k in order of their columns, for when u.genre is not there. */
export const genres100k = (
  'unknown|Action|Adventure|Animation|Children|Comedy|Crime|Documentary|Drama|Fantasy|Film-Noir|' +
  'Horror|Musical|Mystery|Romance|Sci-Fi|Thriller|War|Western'
).split('|')

const noGenres = new Set(['(no genres listed)', 'unknown', ''])

/** "Heat (1995)" -> 1995; "Series, The (2006-2007)" -> 2006. */
const YEAR = /\((\d{4})(?:\s*[-\u2013]\s*(?:\d{4})?)?\)\s*$/

/** A movie as an item. The year in the title becomes the first of January of that year. */
export function movieItem(id: string, title: string, genres: readonly string[], tags: readonly string[] = []): Item {
  const year = YEAR.exec(title)?.[1]
  const categories = genres.map((genre) => genre.trim()).filter((genre) => !noGenres.has(genre))
  return {
    id,
    ...(title.trim() === '' ? {} : { title: title.trim() }),
    ...(categories.length === 0 ? {} : { categories }),
    ...(tags.length === 0 ? {} : { tags: [...tags] }),
    ...(year === undefined ? {} : { published: `${year}-01-01T00:00:00.000Z` }),
  }
}

/** id|title|release date|video date|URL|19 flags of u.item, or undefined when the shape is another. */
export function movie100k(fields: readonly string[], genres: readonly string[]): Item | undefined {
  const [id, title, released] = fields
  if (fields.length !== 5 + genres.length || !id || title === undefined) return undefined
  const item = movieItem(
    id,
    title,
    genres.filter((_, i) => fields[5 + i] === '1'),
  )
  const year = /-(\d{4})$/.exec(released ?? '')?.[1]
  return item.published === undefined && year ? { ...item, published: `${year}-01-01T00:00:00.000Z` } : item
}
