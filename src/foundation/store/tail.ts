import fs from 'node:fs'
import { SluiceError } from '../base/index.ts'
import { FrameCursor } from './cursor.ts'
import { HEADER_BYTES } from './frame.ts'
import type { JournalRecord } from './journal.ts'
import { listSegments } from './segment.ts'

/**
 * Follows a journal that another thread or process writes, without a lock: `read` gives what has come since, in order,
 * and ends where the writer is. What lies behind `from` and was dropped by a rewrite before it was read does not come.
 * A record counts as there when its checksum holds; it may be on its way to the disk still.
 */
export class JournalTail {
  /** Seq of the next record that is wanted. */
  next: number
  private readonly folder: string
  private open: { readonly fd: number; readonly path: string; readonly first: number; at: number } | undefined

  constructor(folder: string, from = 0) {
    this.folder = folder
    this.next = from
  }

  /** @throws SluiceError ERR_DATA_CORRUPT for a damaged record that newer segments follow, ERR_DATA_VERSION */
  *read(): Generator<JournalRecord, void, undefined> {
    for (;;) {
      this.open ??= this.begin()
      const { open } = this
      if (open === undefined) return
      const newer = this.following(open.first) // looked for first: whoever began it had ended this one
      const { size } = fs.fstatSync(open.fd)
      if (size < HEADER_BYTES) return
      const cursor = new FrameCursor(open.fd, open.at, size)
      while (cursor.next()) {
        open.at = cursor.end
        if (cursor.seq < this.next) continue
        this.next = cursor.seq + 1
        yield { seq: cursor.seq, payload: cursor.payload }
      }
      if (newer === undefined) return
      if (cursor.bad) throw new SluiceError('ERR_DATA_CORRUPT', [open.path, String(cursor.end)])
      this.next = Math.max(this.next, newer) // what lay between was dropped
      this.close()
    }
  }

  /** Lets the file go; reading on opens it again. */
  close(): void {
    if (this.open !== undefined) fs.closeSync(this.open.fd)
    this.open = undefined
  }

  /** The segment that may hold the next record. */
  private begin() {
    const segments = fs.existsSync(this.folder) ? listSegments(this.folder) : []
    const held = segments.findIndex(({ first }, i) => first > this.next || i === segments.length - 1)
    const segment = segments[held > 0 && (segments[held]?.first ?? 0) > this.next ? held - 1 : held]
    if (segment === undefined) return undefined
    return { fd: fs.openSync(segment.path, 'r'), path: segment.path, first: segment.first, at: HEADER_BYTES }
  }

  private following(first: number): number | undefined {
    return listSegments(this.folder).find((segment) => segment.first > first)?.first
  }
}
