import fs from 'node:fs'
import { SluiceError } from '../base/index.ts'
import { FrameCursor } from './cursor.ts'
import { HEADER_BYTES } from './frame.ts'
import type { JournalRecord } from './journal.ts'
import { listFirsts, openIfThere, segmentAt } from './segment.ts'

/** The segment that is read. */
interface OpenFile {
  readonly fd: number
  readonly path: string
  readonly first: number
  /** Where the record that was read last begins and ends, and its seq. */
  last: number
  at: number
  seq: number
}

/**
 * Follows a journal that another thread or process writes, without a lock: `read` gives what has come since, in order,
 * and ends where the writer is. What lies behind `from` and was dropped by a rewrite before it was read does not come.
 * A record counts as there when its checksum holds; it may be on its way to the disk still.
 */
export class JournalTail {
  /** Seq of the next record that is wanted. */
  next: number
  private readonly folder: string
  private open: OpenFile | undefined
  /** First seqs of the segments, as they were listed last: a folder may have thousands. */
  private firsts: readonly number[] = []

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
      if (!stands(open, size)) open.at = HEADER_BYTES
      const cursor = new FrameCursor(open.fd, open.at, Math.max(open.at, size))
      while (size >= HEADER_BYTES && cursor.next()) {
        open.last = cursor.start
        open.at = cursor.end
        open.seq = cursor.seq
        if (cursor.seq < this.next) continue
        this.next = cursor.seq + 1
        yield { seq: cursor.seq, payload: cursor.payload }
      }
      if (isTakenBack(open)) this.close()
      else if (newer === undefined || (cursor.bad && !this.isFollowed(open.first))) return
      else if (cursor.bad) throw new SluiceError('ERR_DATA_CORRUPT', [open.path, String(cursor.end)])
      else {
        this.next = Math.max(this.next, newer) // what lay between was dropped
        this.close()
      }
    }
  }

  /** Lets the file go; reading on opens it again. */
  close(): void {
    if (this.open !== undefined) fs.closeSync(this.open.fd)
    this.open = undefined
  }

  /** The segment that may hold the next record. */
  private begin(): OpenFile | undefined {
    const known = this.firsts.findIndex((first) => first > this.next)
    const found = known > 0 ? this.openAt(known - 1) : undefined // what follows it was there: it is no new one
    if (found) return found
    this.list()
    const after = this.firsts.findIndex((first) => first > this.next)
    return this.openAt(Math.max(0, (after < 0 ? this.firsts.length : after) - 1))
  }

  private openAt(place: number): OpenFile | undefined {
    const listed = this.firsts[place]
    const last = place === this.firsts.length - 1
    const segment = listed === undefined ? undefined : segmentAt(this.folder, listed, last)
    const fd = segment && openIfThere(segment.path)
    if (segment === undefined || fd === undefined) return undefined
    return { fd, path: segment.path, first: segment.first, last: HEADER_BYTES, at: HEADER_BYTES, seq: -1 }
  }

  private following(first: number): number | undefined {
    const later = () => this.firsts.find((one) => one > first)
    const known = later()
    if (known !== undefined) return known
    this.list()
    return later()
  }

  /** Is there a newer segment now? One that was begun may have been taken back. */
  private isFollowed(first: number): boolean {
    this.list()
    return this.firsts.some((one) => one > first)
  }

  private list(): void {
    this.firsts = fs.existsSync(this.folder) ? listFirsts(this.folder) : []
  }
}

/** Is the record that was read last still there? A disk may refuse the group that it came in; then others come in its place. */
function stands({ fd, last, at, seq }: OpenFile, size: number): boolean {
  if (at === HEADER_BYTES) return true
  const cursor = new FrameCursor(fd, last, at)
  return size >= at && cursor.next() && cursor.seq === seq
}

/** A segment that could not be begun is removed again, and begun anew later: what is open is no longer that of the name. */
function isTakenBack({ fd, path }: OpenFile): boolean {
  return fs.statSync(path, { throwIfNoEntry: false })?.ino !== fs.fstatSync(fd).ino
}
