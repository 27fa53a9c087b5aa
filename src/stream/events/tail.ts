import { JournalTail } from '../../foundation/store/index.ts'
import { decodeEntry } from './codec.ts'
import type { Entry } from './entry.ts'

/** Follows the entries of a journal that another thread or process writes. See `JournalTail`. */
export class EntryTail {
  private readonly tail: JournalTail

  /** `folder`: of the journal. `from`: seq of the first entry that is wanted. */
  constructor(folder: string, from = 0) {
    this.tail = new JournalTail(folder, from)
  }

  /** Seq of the next entry. */
  get next(): number {
    return this.tail.next
  }

  /** What has come since. */
  *read(): Generator<Entry & { readonly seq: number }, void, undefined> {
    for (const { seq, payload } of this.tail.read()) yield Object.assign(decodeEntry(payload), { seq })
  }

  close(): void {
    this.tail.close()
  }
}
