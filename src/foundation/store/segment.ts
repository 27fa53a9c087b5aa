import fs from 'node:fs'
import { join } from 'node:path'
import { SluiceError } from '../base/index.ts'
import { FrameCursor } from './cursor.ts'
import { HEADER_BYTES, JOURNAL_FORMAT, readHeader } from './frame.ts'

/** One file of the journal, named by the first seq it may hold. Only the last one grows. */
export interface Segment {
  readonly path: string
  readonly first: number
  /** Bytes that are known to be good. */
  length: number
  /** Number of the file when it was listed: another one of that name holds what a rewrite left. */
  readonly file?: number
  /** Known places, in order: reading begins at the nearest. A rewrite makes a new list, for the old one is of the old file. */
  points?: Point[]
}

/** Where a record lies, or comes to lie: all from that seq on are there or behind it. */
export interface Point {
  readonly seq: number
  readonly offset: number
}

/** Bytes from one known place to the next, at least. */
const POINT_BYTES = 1024 * 1024

/** Remembers a place beyond those that are known, unless it is near the last of them. */
export function notePoint(points: Point[], seq: number, offset: number): void {
  if (offset - (points.at(-1)?.offset ?? 0) >= POINT_BYTES) points.push({ seq, offset })
}

const NAME = /^(\d{16})\.journal$/

export function segmentPath(folder: string, first: number): string {
  return join(folder, `${String(first).padStart(16, '0')}.journal`)
}

/** First seqs of the segments of a folder in order, by their names alone: none is opened. */
export function listFirsts(folder: string): number[] {
  const names = fs.readdirSync(folder).filter((name) => NAME.test(name))
  return names.sort().map((name) => Number.parseInt(name, 10))
}

/** The segments of a folder in order. Their content is not looked at, but for the format in the header. One that goes meanwhile is none. */
export function listSegments(folder: string): Segment[] {
  return listFirsts(folder).flatMap((first, i, all) => segmentAt(folder, first, i === all.length - 1) ?? [])
}

/**
 * The segment of a folder that begins with a seq; undefined when it is gone. `last`: its header may be cut short.
 * @throws SluiceError ERR_DATA_VERSION, ERR_DATA_CORRUPT
 */
export function segmentAt(folder: string, first: number, last: boolean): Segment | undefined {
  const path = segmentPath(folder, first)
  const found = headOf(path)
  if (found === undefined) return undefined
  const { head, size: length, ino: file } = found
  if (head === 'foreign') throw new SluiceError('ERR_DATA_VERSION', [folder, 'unknown', String(JOURNAL_FORMAT)])
  if (head === 'torn') {
    if (!last) throw new SluiceError('ERR_DATA_CORRUPT', [path, '0'])
    return { path, first, length: 0, file }
  }
  if (head.format !== JOURNAL_FORMAT) {
    throw new SluiceError('ERR_DATA_VERSION', [folder, String(head.format), String(JOURNAL_FORMAT)])
  }
  return { path, first: head.first, length, file }
}

function headOf(path: string) {
  const fd = openIfThere(path)
  if (fd === undefined) return undefined
  try {
    const { size, ino } = fs.fstatSync(fd)
    const bytes = Buffer.alloc(HEADER_BYTES)
    return { head: readHeader(bytes.subarray(0, fs.readSync(fd, bytes, 0, HEADER_BYTES, 0))), size, ino }
  } finally {
    fs.closeSync(fd)
  }
}

/** Opens a file to be read; undefined when another process has removed it. */
export function openIfThere(path: string): number | undefined {
  try {
    return fs.openSync(path, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Checks every frame of a segment, from its last known place on: where the good ones end, and the seq after them. */
export function measure(segment: Segment): { good: number; next: number } {
  if (segment.length < HEADER_BYTES) return { good: 0, next: segment.first }
  const fd = fs.openSync(segment.path, 'r')
  try {
    const points = (segment.points ??= [])
    const { seq, offset } = points.at(-1) ?? { seq: segment.first, offset: HEADER_BYTES }
    const cursor = new FrameCursor(fd, offset, segment.length)
    let next = seq
    while (cursor.next()) {
      notePoint(points, cursor.seq, cursor.start)
      next = cursor.seq + 1
    }
    return { good: cursor.start, next }
  } finally {
    fs.closeSync(fd)
  }
}
