import fs from 'node:fs'
import { SluiceError } from '../base/index.ts'
import { FRAME_BYTES, HEADER_BYTES, PAYLOAD_BYTES_MAX, readSeq, readU32 } from './frame.ts'
import type { JournalRecord } from './journal.ts'
import { type OpenSegment, openOwn } from './read.ts'
import type { Segment } from './segment.ts'

/**
 * The first bytes of each record from a seq on, up to another, oldest first: one small read a record, whatever its length. Checksums
 * are not looked at, since they are of the whole.
 */
export function* readHeads(
  segments: readonly Segment[],
  bytes: number,
  from: number,
  open: OpenSegment = openOwn,
  until = Number.POSITIVE_INFINITY,
): Generator<JournalRecord, void, undefined> {
  const buffer = Buffer.alloc(FRAME_BYTES + bytes)
  for (const [index, segment] of segments.entries()) {
    const following = segments[index + 1]
    if (following !== undefined && following.first <= from) continue
    const opened = open(segment)
    if (opened === undefined) continue
    const { fd, length } = opened
    try {
      for (let at = HEADER_BYTES; at < length; ) {
        const read = fs.readSync(fd, buffer, 0, Math.min(buffer.length, length - at), at)
        const payload = read < FRAME_BYTES ? 0 : readU32(buffer, 0)
        const end = at + FRAME_BYTES + payload
        if (read < FRAME_BYTES || payload > PAYLOAD_BYTES_MAX || end > length)
          throw new SluiceError('ERR_DATA_CORRUPT', [segment.path, String(at)])
        const seq = readSeq(buffer, 8)
        if (seq >= until) return
        if (seq >= from) yield { seq, payload: buffer.subarray(FRAME_BYTES, Math.min(read, FRAME_BYTES + payload)) }
        at = end
      }
    } finally {
      fs.closeSync(fd)
    }
  }
}
