import { Misuse } from '../failure.ts'
import type { Exported, ExportKind, Platform } from '../platform.ts'
import type { Cast } from './crowd.ts'

/** Most ids fetched of each sort. */
const IDS = 20_000
/** Most events looked at for users without a record. */
const EVENTS = 20_000
/** Most queries made of titles. */
const QUERIES = 2_000

/** Fetches who and what there is from a platform's export. @throws Misuse when its catalogue is empty */
export async function fetchCast(platform: Platform): Promise<Cast> {
  const items: string[] = []
  const queries = new Set<string>()
  for await (const { id, title = '' } of firstRecords(platform, 'items', IDS)) {
    items.push(id)
    const words = title.split(/[^\p{L}\p{N}]+/u).filter((word) => word.length > 2)
    if (words.length > 0 && queries.size < QUERIES) queries.add(words.slice(0, 2).join(' '))
  }
  if (items.length === 0) throw new Misuse(`Nothing to ask for: the catalogue at ${platform.where} is empty`)
  const users = new Set<string>()
  for await (const { id } of firstRecords(platform, 'users', IDS)) users.add(id)
  if (users.size === 0) {
    for await (const { user } of firstRecords(platform, 'events', EVENTS)) if (user !== undefined) users.add(user)
  }
  return { users: [...users], items, queries: [...queries] }
}

async function* firstRecords<K extends ExportKind>(
  platform: Platform,
  kind: K,
  most: number,
): AsyncGenerator<Exported[K]> {
  let given = 0
  for await (const batch of platform.records(kind)) {
    for (const record of batch) {
      yield record
      if (++given >= most) return
    }
  }
}
