import fs from 'node:fs'
import { SluiceError } from '../base/index.ts'
import { FrameCursor } from './cursor.ts'
import { HEADER_BYTES } from './frame.ts'
import type { JournalRecord } from './journal.ts'
import { openIfThere, type Segment } from './segment.ts'

/** How a segment is opened to be read: its file, how far it is good, a known place in it; undefined when it is gone. */
export type OpenSegment = (
  segment: Segment,
) => ({ readonly fd: number } & Pick<Segment, 'length' | 'point'>) | undefined

/** For the process that writes: what it knows of a segment holds. */
export const openOwn: OpenSegment = ({ path, length, point }) => ({ fd: fs.openSync(path, 'r'), length, point })

/** Beside a process that writes: a segment may have been rewritten or emptied since it was listed. */
export const openBeside: OpenSegment = ({ path, file, length, point }) => {
  const fd = openIfThere(path)
  if (fd === undefined) return undefined
  const { ino, size } = fs.fstatSync(fd)
  return ino === file ? { fd, length, point } : { fd, length: size, point: undefined }
}

/**
 * Reads the records from a seq on, up to another. A segment that is replaced while it is read is read to its old end: the
 * open file stays. One that is emptied before its turn is gone, and so are its records.
 */
export function* readSegments(
  segments: readonly Segment[],
  from: number,
  open: OpenSegment = openOwn,
  until = Number.POSITIVE_INFINITY,
): Generator<JournalRecord, void, undefined> {
  const listed = [...segments]
  for (const [index, segment] of listed.entries()) {
    const following = listed[index + 1]
    if (following !== undefined && following.first <= from) continue
    if (segment.length <= HEADER_BYTES || !segments.includes(segment)) continue
    const opened = open(segment)
    if (opened === undefined) continue
    const { fd, length, point } = opened
    try {
      const start = point && point.seq <= from ? point.offset : HEADER_BYTES
      const cursor = new FrameCursor(fd, start, length)
      while (cursor.next() && cursor.seq < until)
        if (cursor.seq >= from) yield { seq: cursor.seq, payload: cursor.payload }
      if (cursor.bad) throw new SluiceError('ERR_DATA_CORRUPT', [segment.path, String(cursor.end)])
    } finally {
      fs.closeSync(fd)
    }
  }
}
