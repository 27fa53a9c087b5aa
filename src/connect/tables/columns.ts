import { pathError } from '../files.ts'
import { plainName } from '../rows/header.ts'

/** What an interaction is made of, and the names by which each column is known when none is given. */
const names = {
  user: ['user', 'userid', 'visitor', 'visitorid', 'customer', 'customerid', 'uid'],
  item: ['item', 'itemid', 'movie', 'movieid', 'product', 'productid', 'article', 'articleid', 'iid'],
  at: ['at', 'timestamp', 'time', 'datetime', 'date', 'ts', 'eventtime', 'createdat'],
  kind: ['kind', 'event', 'eventtype', 'behavior', 'behaviour', 'behaviortype', 'action', 'type'],
  value: ['value', 'rating', 'stars', 'score'],
} as const
type Role = keyof typeof names
const roles = Object.keys(names) as Role[]
const needed: readonly Role[] = ['user', 'item', 'at']

/** Which column of the source plays which part. */
export type Columns = { readonly user: string; readonly item: string; readonly at: string } & {
  readonly kind?: string
  readonly value?: string
}

/**
 * Finds the columns among those of the source: as given, else by a known name (without case, spaces, `_`, `-`; the
 * first name that fits).
 * @throws SluiceError ERR_IMPORT_PATH when a given column is not there, or user, item or time cannot be found
 */
export function findColumns(
  path: string,
  there: readonly string[],
  given: Readonly<Record<string, string>> = {},
): Columns {
  const found: Partial<Record<Role, string>> = {}
  for (const [role, column] of Object.entries(given)) {
    if (!roles.includes(role as Role)) throw pathError(path, `"${role}" is none of ${roles.join(', ')}`)
    if (!there.includes(column)) throw pathError(path, `it has no column "${column}"; it has ${there.join(', ')}`)
    found[role as Role] = column
  }
  for (const role of roles) {
    const known = names[role].find((name) => there.some((column) => plainName(column) === name))
    const column = there.find((name) => plainName(name) === known)
    if (found[role] === undefined && column !== undefined) found[role] = column
  }
  for (const role of needed) {
    if (found[role] !== undefined) continue
    const has = there.join(', ') || 'no columns'
    if (isCatalogue(there, found)) {
      throw pathError(
        path,
        `it looks like a catalogue, and this form takes events: it has ${has}, and no column is the user. ` +
          `Take it with "import items", or write JSON lines for "import jsonl": {"item":{"id":"i1","title":"First","price":3}}`,
      )
    }
    throw pathError(
      path,
      `no column is the ${role === 'at' ? 'time ("at")' : role}: it has ${has}. Name one with --column ${role}=COLUMN ` +
        `(in a program: columns: { ${role}: 'COLUMN' }), or call it ${names[role].slice(0, 3).join(', ')}`,
    )
  }
  return found as Columns
}

/** The columns of a viewer and a moment, where a table has both and no title: then it is one of events. */
export function eventColumns(there: readonly string[]): string[] | undefined {
  const called = (known: readonly string[]) => there.find((column) => known.includes(plainName(column)))
  const [user, at] = [called(names.user), called(names.at)]
  return user === undefined || at === undefined || called(titles) ? undefined : [user, at]
}

const titles = ['title', 'name', 'itemtitle', 'itemname', 'productname']

/** A table of items: with titles, and with nobody who saw them. */
function isCatalogue(there: readonly string[], found: Partial<Record<Role, string>>): boolean {
  return found.user === undefined && there.some((column) => titles.includes(plainName(column)))
}
