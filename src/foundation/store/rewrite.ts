import fs from 'node:fs'
import { dirname } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { SluiceError } from '../base/index.ts'
import { FrameCursor } from './cursor.ts'
import { type Disk, writeAll } from './disk.ts'
import { HEADER_BYTES, header } from './frame.ts'
import type { JournalRecord, RewriteReport } from './journal.ts'
import type { Segment } from './segment.ts'

/** Other work gets a turn after this many bytes. */
const TURN_BYTES = 256 * 1024
const { O_WRONLY, O_CREAT, O_TRUNC } = fs.constants

interface Survey {
  /** Ranges of kept frames: start and end offsets, alternating. */
  readonly ranges: number[]
  kept: number
  dropped: number
}

/**
 * Rewrites one sealed segment without the records that `keep` refuses: beside it, synced, then renamed over it, so
 * that a crash leaves the old or the new file, whole. Nothing is written when nothing goes; an empty one is deleted
 * and taken out of `segments`.
 */
export async function rewriteSegment(
  disk: Disk,
  segments: Segment[],
  segment: Segment,
  keep: (record: JournalRecord) => boolean,
): Promise<RewriteReport> {
  const fd = fs.openSync(segment.path, 'r')
  try {
    const { ranges, kept, dropped } = await survey(fd, segment, keep)
    if (dropped === 0) return { kept, dropped, bytes: 0 }
    const before = segment.length
    if (kept === 0) {
      disk.unlink(segment.path)
      segments.splice(segments.indexOf(segment), 1)
    } else {
      const length = await copy(disk, fd, segment, ranges)
      disk.rename(`${segment.path}.new`, segment.path)
      segment.length = length
      segment.points = []
    }
    await disk.syncFolder(dirname(segment.path))
    return { kept, dropped, bytes: before - (kept === 0 ? 0 : segment.length) }
  } finally {
    fs.closeSync(fd)
  }
}

async function survey(fd: number, segment: Segment, keep: (record: JournalRecord) => boolean): Promise<Survey> {
  const found: Survey = { ranges: [], kept: 0, dropped: 0 }
  const { ranges } = found
  const cursor = new FrameCursor(fd, HEADER_BYTES, segment.length)
  let turn = TURN_BYTES
  while (cursor.next()) {
    if (keep({ seq: cursor.seq, payload: cursor.payload })) {
      found.kept++
      if (ranges[ranges.length - 1] === cursor.start) ranges[ranges.length - 1] = cursor.end
      else ranges.push(cursor.start, cursor.end)
    } else {
      found.dropped++
    }
    if (cursor.end > turn) {
      turn = cursor.end + TURN_BYTES
      await nextTurn()
    }
  }
  if (cursor.bad) throw new SluiceError('ERR_DATA_CORRUPT', [segment.path, String(cursor.end)])
  return found
}

/** Copies the kept ranges into `.new`, makes it durable and gives its length. */
async function copy(disk: Disk, from: number, segment: Segment, ranges: readonly number[]): Promise<number> {
  const path = `${segment.path}.new`
  const to = await disk.open(path, O_WRONLY | O_CREAT | O_TRUNC)
  try {
    await writeAll(disk, to, header(segment.first), HEADER_BYTES, 0)
    const buffer = Buffer.allocUnsafe(TURN_BYTES)
    let length = HEADER_BYTES
    let filled = 0
    const drain = async () => {
      await writeAll(disk, to, buffer, filled, length)
      length += filled
      filled = 0
    }
    for (let i = 0; i < ranges.length; i += 2) {
      const end = ranges[i + 1] as number
      for (let at = ranges[i] as number; at < end; ) {
        if (filled === buffer.length) await drain()
        const read = fs.readSync(from, buffer, filled, Math.min(end - at, buffer.length - filled), at)
        if (read === 0) throw new SluiceError('ERR_DATA_CORRUPT', [segment.path, String(at)])
        at += read
        filled += read
      }
    }
    await drain()
    await disk.sync(to)
    await disk.close(to)
    return length
  } catch (error) {
    await disk.close(to).catch(() => {}) // the first error is the one to tell
    fs.rmSync(path, { force: true })
    throw error
  }
}
