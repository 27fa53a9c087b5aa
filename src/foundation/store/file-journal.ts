import fs from 'node:fs'
import { join } from 'node:path'
import { type Disk, nodeDisk } from './disk.ts'
import { HEADER_BYTES } from './frame.ts'
import { readHeads } from './heads.ts'
import type { FileJournal, JournalMark, JournalRecord, RewriteReport } from './journal.ts'
import { type FolderLock, lockFolder } from './lock.ts'
import { markOf, resumeAt } from './mark.ts'
import { readSegments } from './read.ts'
import { openReader } from './reader.ts'
import { rewriteSegment } from './rewrite.ts'
import { listSegments, measure, type Segment, segmentPath } from './segment.ts'
import { appendFlags, createSegment, diskError, GroupWriter } from './writer.ts'

export interface FileJournalOptions {
  /** A segment that would grow beyond this is ended; one group may go beyond it. Bytes. */
  readonly segmentBytes: number
  /** Wait for the disk itself (fdatasync). Without it records survive kill -9 but not a power cut. Default true. */
  readonly sync?: boolean
  /** Read beside a process that writes: nothing is locked, cut or deleted; `append` and `rewrite` are refused. */
  readonly readOnly?: boolean
  readonly disk?: Disk
  /** A place up to which the journal was checked before: if all is as it was, only what follows is checked again. */
  readonly mark?: JournalMark | undefined
}

/**
 * Opens the journal of a folder, made when it is missing. The last segment is checked frame by frame; sealed ones were
 * durable before the next began and are checked when they are read.
 * @throws SluiceError ERR_DATA_IN_USE, ERR_DATA_VERSION, ERR_DATA_CORRUPT, ERR_DISK_WRITE
 */
export async function openFileJournal(folder: string, options: FileJournalOptions): Promise<FileJournal> {
  const { segmentBytes, sync = true, readOnly = false, disk = nodeDisk } = options
  if (!(segmentBytes >= 1)) throw new RangeError(`Cannot open a journal with segmentBytes ${segmentBytes}: at least 1`)
  if (readOnly) return openReader(folder)
  fs.mkdirSync(folder, { recursive: true })
  const lock = lockFolder(folder)
  try {
    for (const name of fs.readdirSync(folder)) {
      if (name.endsWith('.journal.new')) fs.rmSync(join(folder, name)) // a rewrite that a crash cut short
    }
    const segments = listSegments(folder)
    const last = segments[segments.length - 1] ?? { path: segmentPath(folder, 0), first: 0, length: 0 }
    if (segments.length === 0) segments.push(last)
    if (options.mark) resumeAt(segments, options.mark)
    const { good, next } = measure(last)
    const recovered = { path: last.path, bytes: last.length - good }
    const fd =
      good === 0
        ? await createSegment(disk, last.path, last.first, sync)
        : await disk.open(last.path, appendFlags(sync))
    if (recovered.bytes > 0 && good > 0) {
      await disk.truncate(fd, good)
      await disk.sync(fd)
    }
    last.length = Math.max(good, HEADER_BYTES)
    return new FolderJournal(
      segments,
      new GroupWriter(segments, fd, next, { disk, segmentBytes, sync }),
      disk,
      lock,
      recovered,
    )
  } catch (error) {
    lock.release()
    throw error instanceof Error && 'syscall' in error ? diskError(folder, error) : error
  }
}

class FolderJournal implements FileJournal {
  readonly recovered: FileJournal['recovered']
  private readonly segments: Segment[]
  private readonly writer: GroupWriter
  private readonly disk: Disk
  private readonly lock: FolderLock
  private rewriting: Promise<unknown> = Promise.resolve()
  private closed = false

  constructor(
    segments: Segment[],
    writer: GroupWriter,
    disk: Disk,
    lock: FolderLock,
    recovered: FileJournal['recovered'],
  ) {
    this.segments = segments
    this.writer = writer
    this.disk = disk
    this.lock = lock
    this.recovered = recovered
  }

  get next(): number {
    return this.writer.next
  }

  get bytes(): number {
    return this.segments.reduce((sum, segment) => sum + segment.length, 0)
  }

  get pending(): number {
    return this.writer.pending
  }

  append(payload: Uint8Array): number {
    if (this.closed) throw new TypeError('Cannot append: the journal is closed')
    return this.writer.append(payload)
  }

  flushed(from = 0): Promise<void> {
    return this.writer.flushed(from)
  }

  read(from = 0): Generator<JournalRecord, void, undefined> {
    return readSegments(this.segments, from)
  }

  heads(bytes: number, from = 0): Generator<JournalRecord, void, undefined> {
    return readHeads(this.segments, bytes, from)
  }

  mark(): JournalMark {
    return markOf(this.segments, this.next - this.pending)
  }

  resume(mark: JournalMark): boolean {
    return resumeAt(this.segments, mark)
  }

  /** One at a time. */
  rewrite(keep: (record: JournalRecord) => boolean, until = Number.POSITIVE_INFINITY): Promise<RewriteReport> {
    const result = this.rewriting.then(() => this.rewriteAll(keep, until))
    this.rewriting = result.catch(() => {}) // told to the one who asked
    return result
  }

  async close(): Promise<void> {
    if (this.closed) return
    this.closed = true
    try {
      await this.rewriting
      await this.writer.close()
    } finally {
      this.lock.release()
    }
  }

  private async rewriteAll(keep: (record: JournalRecord) => boolean, until: number): Promise<RewriteReport> {
    const total = { kept: 0, dropped: 0, bytes: 0 }
    try {
      await this.writer.flushed(0)
      const active = this.segments.at(-1)
      if (active && active.first < until) await this.writer.seal()
      const sealed = this.segments.slice(0, -1).filter((segment) => segment.first < until)
      for (const segment of sealed) {
        const report = await rewriteSegment(this.disk, this.segments, segment, keep)
        total.kept += report.kept
        total.dropped += report.dropped
        total.bytes += report.bytes
      }
    } catch (error) {
      throw diskError(this.segments[0]?.path ?? 'the journal', error)
    }
    return total
  }
}
