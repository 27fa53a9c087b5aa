import type { Importer, ImportStep, Place, RowRejection } from './contract.ts'
import { contentId } from './event-id.ts'
import { filesAt, Meter } from './files.ts'
import { rejectRow, rowBatches } from './rows/rows.ts'

/** In a folder, files of items and users come before the rest. */
const turn = (file: string): number => (/items[^/\\]*$/.test(file) ? 0 : /users[^/\\]*$/.test(file) ? 1 : 2)

/**
 * One record per line: an event as the HTTP API takes it, `{"item": {...}}` or `{"user": {...}}`, as `export` writes them.
 * Read line by line in the order of the file, whatever its size: items stand before the events that name them. An event
 * without an id gets one made of its line.
 */
export const jsonl: Importer = {
  kind: 'jsonl',
  say: 'one JSON record per line: an event, {"item": {...}} or {"user": {...}}; what `export` writes',
  async *read(path, options = {}) {
    const files = await filesAt(path, /\.(jsonl|ndjson)$/, '*.jsonl or *.ndjson file')
    files.sort((a, b) => turn(a) - turn(b)) // stable: by name within a turn
    const meter = await Meter.of(files, options)
    for (const file of files) {
      for await (const rows of rowBatches(file, { separator: '\n', quotes: false, encoding: 'utf8' }, meter)) {
        for (const row of rows) {
          if ('code' in row) yield rejectRow(file, row.line, row.code, row.why)
          else {
            const text = row.fields[0] as string
            if (text.trim() === '') continue
            const found = stepOf(text, { file, line: row.line })
            yield Array.isArray(found) ? rejectRow(file, row.line, ...found) : found
          }
        }
      }
    }
  },
}

/** What a line is, or why it is nothing that can be taken. */
function stepOf(text: string, place: Place): ImportStep | [RowRejection, string] {
  let record: unknown
  try {
    record = JSON.parse(text)
  } catch {
    return ['ERR_ROW_JSON', text.trimStart().startsWith('[') ? ARRAY : 'is not one JSON object']
  }
  if (Array.isArray(record)) return ['ERR_ROW_JSON', ARRAY]
  if (typeof record !== 'object' || record === null) return ['ERR_ROW_JSON', 'is not one JSON object']
  // An event names its item and user by id; only a record of its own is an object.
  if ('item' in record && record.item !== null && typeof record.item === 'object')
    return { put: 'item', value: record.item, rows: 1, place }
  if ('user' in record && record.user !== null && typeof record.user === 'object')
    return { put: 'user', value: record.user, rows: 1, place }
  if (!('kind' in record)) return ['ERR_ROW_SHAPE', unwrapped(record)]
  return { put: 'event', value: 'id' in record ? record : { id: contentId(text), ...record }, rows: 1, place }
}

const ARRAY = 'is a JSON array: write each record on a line of its own, without brackets and commas between them'

/** What to do with a record that does not say what it is. */
function unwrapped(record: object): string {
  const names = Object.keys(record)
  const event = names.some((name) => ['item', 'user', 'at'].includes(name))
  if (event) return 'is an event without a "kind": say what happened, like "kind":"click"'
  const user = names.some((name) => ['country', 'interests', 'follows', 'age'].includes(name))
  const what = user ? 'user' : 'item'
  return `does not say what it is: write it as {"${what}":{...}} when it is ${user ? 'a user' : 'an item'}`
}
