import { stat } from 'node:fs/promises'
import { Column, DAY, IdTable, MINUTE } from '../foundation/base/index.ts'
import type { Importer } from './contract.ts'
import { contentId } from './event-id.ts'
import { filesAt, Meter } from './files.ts'
import { rejectRow, rowBatches } from './rows/rows.ts'
import { stableOrder } from './stable-order.ts'

/**
 * One user per line: first the user, then the items in order of time, parted by tabs, spaces or commas. Each item is one
 * row and becomes a `click`. Times are made up: a user's items lie one minute apart and every user's last one is at
 * the start of the day of `now` (UTC), so the order within a user is right and nothing else about the time means
 * anything. Ids are made of the user, the place in the sequence and the item, not of the time: importing on another
 * day gives duplicates only. A user on several lines goes on where the earlier line ended.
 */
export const sequences: Importer = {
  kind: 'sequences',
  say: 'one user per line: the user, then the items in order of time',
  async *read(path, options = {}) {
    const files = await filesAt(
      path,
      /sequences.*\.(txt|tsv|csv|dat)$/,
      'file named *sequences*.txt, .tsv, .csv or .dat',
    )
    const meter = await Meter.of(files, options)
    const now = options.now ?? (await stat(files[0] as string)).mtimeMs
    const end = Math.floor(now / DAY) * DAY
    const users = new IdTable()
    const items = new IdTable()
    const lengths = new Column(Uint32Array) // by user
    const events = new Column(Uint32Array, { width: 3, rows: 65_536 }) // user, place in the sequence, item
    let size = 0
    for (const file of files) {
      for await (const rows of rowBatches(file, { separator: '\n', quotes: false, encoding: 'utf8' }, meter)) {
        for (const row of rows) {
          if ('code' in row) {
            yield rejectRow(file, row.line, row.code, row.why)
            continue
          }
          const [user, ...named] = (row.fields[0] ?? '').split(/[\s,]+/).filter((word) => word !== '')
          if (!user) continue
          if (named.length === 0) {
            yield rejectRow(file, row.line, 'ERR_ROW_SHAPE', 'has a user and no items')
            continue
          }
          const userRow = users.row(user)
          lengths.ensure(userRow)
          for (const item of named) {
            const known = items.find(item)
            const itemRow = known < 0 ? items.row(item) : known
            if (known < 0) yield { put: 'item', value: { id: item }, rows: 0, bare: true }
            events.ensure(size)
            events.array.set([userRow, lengths.array[userRow]++, itemRow], size++ * 3)
          }
        }
      }
    }
    const before = (row: number) => lengths.array[events.array[row * 3]] - 1 - events.array[row * 3 + 1]
    const longest = lengths.array.reduce((a, b) => Math.max(a, b), 0)
    for (const row of stableOrder(size, (at) => longest - before(at))) {
      const user = users.name(events.array[row * 3])
      const item = items.name(events.array[row * 3 + 2])
      const id = contentId('sequence', user, events.array[row * 3 + 1], item)
      yield { put: 'event', value: { id, kind: 'click', user, item, at: end - before(row) * MINUTE }, rows: 1 }
    }
  },
}
