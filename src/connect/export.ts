import type { Event, Item, User } from '../domain/index.ts'

export interface Records {
  readonly items?: Iterable<Item>
  readonly users?: Iterable<User>
  readonly events?: Iterable<Event>
}

/**
 * Records as lines that the jsonl importer reads back to the same state: items, then users, then events in the order
 * given. When an event was received is left out: it is a fact about this server, not about the viewer.
 */
export function* jsonlLines({ items = [], users = [], events = [] }: Records): Generator<string> {
  for (const item of items) yield `${JSON.stringify({ item })}\n`
  for (const user of users) yield `${JSON.stringify({ user })}\n`
  for (const { receivedAt: _, ...event } of events) yield `${JSON.stringify(event)}\n`
}

/** Lines are gathered to about this many characters per write. */
const WRITE_CHARACTERS = 65_536

/** Writes the lines through `write`, waiting for each write; gives the number of records. */
export async function writeJsonl(records: Records, write: (text: string) => unknown): Promise<number> {
  let count = 0
  let text = ''
  for (const line of jsonlLines(records)) {
    count++
    text += line
    if (text.length < WRITE_CHARACTERS) continue
    await write(text)
    text = ''
  }
  if (text !== '') await write(text)
  return count
}
