import { setImmediate as nextTurn } from 'node:timers/promises'
import { Column, IdTable } from '../../foundation/base/index.ts'
import type { Journal, JournalRecord } from '../../foundation/store/index.ts'
import { entryHead } from './codec.ts'

/** Entries looked at before other work gets a turn. */
const TURN = 5_000
const NONE = -1

/** First and last put of each id since it was last deleted, as seqs. */
class Puts {
  private readonly ids = new IdTable()
  private readonly first = new Column(Float64Array, { initial: NONE })
  private readonly last = new Column(Float64Array, { initial: NONE })

  put(id: string, seq: number): void {
    const row = this.ids.row(id)
    this.first.ensure(row)
    this.last.ensure(row)
    if (this.first.array[row] === NONE) this.first.array[row] = seq
    this.last.array[row] = seq
  }

  delete(id: string): void {
    const row = this.ids.find(id)
    if (row < 0) return
    this.first.clear(row)
    this.last.clear(row)
  }

  isFirst(id: string, seq: number): boolean {
    const row = this.ids.find(id)
    return row >= 0 && this.first.array[row] === seq
  }

  isLast(id: string, seq: number): boolean {
    const row = this.ids.find(id)
    return row >= 0 && this.last.array[row] === seq
  }
}

/**
 * Decides what retention keeps. Events received before `before` go. Entries of items and users are thinned out only
 * where no kept event follows the start of the journal: there a replay comes to the same state with the first and the
 * last put of each item and the last of each user. Later ones stay, for the events between them were judged by them.
 * @returns what to keep, and the seq up to which anything may go
 */
export async function planRetention(
  journal: Journal,
  before: number,
): Promise<{ keep: (record: JournalRecord) => boolean; until: number }> {
  const items = new Puts()
  const users = new Puts()
  let prefix = journal.next // seq of the first event that stays
  let until = 0
  let looked = 0
  for (const { seq, payload } of journal.read()) {
    const { type, at, id } = entryHead(payload)
    if (type === 'event') {
      if (at < before) until = seq + 1
      else if (seq < prefix) prefix = seq
    } else if (seq < prefix) {
      if (type === 'item') items.put(id, seq)
      else if (type === 'item-deleted') items.delete(id)
      else users.put(id, seq)
    }
    if (++looked % TURN === 0) await nextTurn()
  }
  const keep = ({ seq, payload }: JournalRecord): boolean => {
    const { type, at, id } = entryHead(payload)
    if (type === 'event') return at >= before
    if (seq >= prefix) return true
    // An item's first put says since when it is there, the last one what it is.
    if (type === 'item') return items.isFirst(id, seq) || items.isLast(id, seq)
    return type === 'user' && users.isLast(id, seq)
  }
  return { keep, until: Math.max(until, prefix) }
}
