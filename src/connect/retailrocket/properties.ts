import type { ImportStep } from '../contract.ts'
import type { Meter } from '../files.ts'
import { rejectRow, rowBatches } from '../rows/rows.ts'
import { momentOf } from '../rows/values.ts'

/**
 * The latest category of each item out of item_properties*.csv (timestamp, itemid, property, value), into `categories`.
 * Twenty million rows of other, hashed properties are passed over.
 */
export async function* readCategories(
  files: readonly string[],
  categories: Map<string, string>,
  meter: Meter,
): AsyncGenerator<ImportStep> {
  const since = new Map<string, number>()
  for (const file of files) {
    for await (const rows of rowBatches(file, { separator: ',', quotes: false, encoding: 'utf8' }, meter)) {
      for (const row of rows) {
        if ('code' in row) {
          yield rejectRow(file, row.line, row.code, row.why)
          continue
        }
        const [timestamp, item, property, value] = row.fields
        if (property !== 'categoryid') continue
        const at = momentOf(timestamp, 1)
        if (!item || !value || Number.isNaN(at)) {
          yield rejectRow(file, row.line, 'ERR_ROW_FIELD', 'has no item, no category or no time')
          continue
        }
        if (at < (since.get(item) ?? -1)) continue
        since.set(item, at)
        categories.set(item, value)
      }
    }
  }
}
