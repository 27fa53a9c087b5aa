import fs from 'node:fs'
import { SluiceError } from '../base/index.ts'
import { FrameCursor } from './cursor.ts'
import { HEADER_BYTES } from './frame.ts'
import type { JournalRecord } from './journal.ts'
import { notePoint, openIfThere, type Point, type Segment } from './segment.ts'

/** How a segment is opened to be read: its file, how far it is good, known places in it; undefined when it is gone. */
export type OpenSegment = (
  segment: Segment,
) => { readonly fd: number; readonly length: number; readonly points: Point[] } | undefined

/** For the process that writes: what it knows of a segment holds. */
export const openOwn: OpenSegment = (segment) => {
  const points = (segment.points ??= [])
  return { fd: fs.openSync(segment.path, 'r'), length: segment.length, points }
}

/** Beside a process that writes: a segment may have been rewritten or emptied since it was listed. */
export const openBeside: OpenSegment = (segment) => {
  const { path, file, length } = segment
  const fd = openIfThere(path)
  if (fd === undefined) return undefined
  const { ino, size } = fs.fstatSync(fd)
  return ino === file ? { fd, length, points: (segment.points ??= []) } : { fd, length: size, points: [] }
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
    const { fd, length, points } = opened
    try {
      const start = points.findLast(({ seq }) => seq <= from)?.offset ?? HEADER_BYTES
      const cursor = new FrameCursor(fd, start, length)
      while (cursor.next() && cursor.seq < until) {
        notePoint(points, cursor.seq, cursor.start)
        if (cursor.seq >= from) yield { seq: cursor.seq, payload: cursor.payload }
      }
      if (cursor.bad) throw new SluiceError('ERR_DATA_CORRUPT', [segment.path, String(cursor.end)])
    } finally {
      fs.closeSync(fd)
    }
  }
}
