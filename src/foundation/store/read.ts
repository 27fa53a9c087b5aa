import fs from 'node:fs'
import { SluiceError } from '../base/index.ts'
import { FrameCursor } from './cursor.ts'
import { HEADER_BYTES } from './frame.ts'
import type { JournalRecord } from './journal.ts'
import type { Segment } from './segment.ts'

/**
 * Reads the records from a seq on. A segment that is replaced while it is read is read to its old end: the open file
 * stays. One that is emptied before its turn is gone, and so are its records.
 */
export function* readSegments(segments: readonly Segment[], from: number): Generator<JournalRecord, void, undefined> {
  const listed = [...segments]
  for (const [index, segment] of listed.entries()) {
    const following = listed[index + 1]
    if (following !== undefined && following.first <= from) continue
    if (segment.length <= HEADER_BYTES || !segments.includes(segment)) continue
    const fd = fs.openSync(segment.path, 'r')
    try {
      const { point } = segment
      const start = point && point.seq <= from ? point.offset : HEADER_BYTES
      const cursor = new FrameCursor(fd, start, segment.length)
      while (cursor.next()) if (cursor.seq >= from) yield { seq: cursor.seq, payload: cursor.payload }
      if (cursor.bad) throw new SluiceError('ERR_DATA_CORRUPT', [segment.path, String(cursor.end)])
    } finally {
      fs.closeSync(fd)
    }
  }
}
