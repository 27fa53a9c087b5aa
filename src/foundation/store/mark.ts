import fs from 'node:fs'
import { crc32 } from 'node:zlib'
import { HEADER_BYTES } from './frame.ts'
import type { JournalMark } from './journal.ts'
import type { Segment } from './segment.ts'

/** Bytes before a mark that are held against what they were: the last few records. */
const TAIL_BYTES = 4096

/** The end of what is known to be good, and the seq that comes next there. */
export function markOf(segments: readonly Segment[], next: number): JournalMark {
  const last = segments[segments.length - 1]
  return {
    next,
    segments: segments.map(({ first, length }) => [first, length] as const),
    tail: last ? tailSum(last.path, last.length) : 0,
  }
}

/**
 * Is everything before the mark as it was? Records are only ever dropped, and that moves those after them: so when the
 * segments before have their lengths and the last records before the mark their place, nothing was. Then reads of
 * what comes after the mark begin there.
 */
export function resumeAt(segments: readonly Segment[], mark: JournalMark): boolean {
  const { length } = mark.segments
  const last = segments[length - 1]
  const end = mark.segments[length - 1]?.[1] ?? 0
  if (!last || segments.length < length || last.length < end) return false
  const same = mark.segments.every(([first, bytes], i) => {
    const segment = segments[i] as Segment
    return segment.first === first && (i === length - 1 || segment.length === bytes)
  })
  if (!same || tailSum(last.path, end) !== mark.tail) return false
  const points = last.points ?? []
  last.points = [
    ...points.filter(({ offset }) => offset < end),
    { seq: mark.next, offset: end },
    ...points.filter(({ offset }) => offset > end),
  ]
  return true
}

function tailSum(path: string, end: number): number {
  const from = Math.max(HEADER_BYTES, end - TAIL_BYTES)
  if (end <= from) return 0
  const fd = fs.openSync(path, 'r')
  try {
    const bytes = Buffer.alloc(end - from)
    return crc32(bytes.subarray(0, fs.readSync(fd, bytes, 0, bytes.length, from)))
  } finally {
    fs.closeSync(fd)
  }
}
