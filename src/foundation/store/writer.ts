import fs from 'node:fs'
import { dirname } from 'node:path'
import { SluiceError, Turns } from '../base/index.ts'
import { type Disk, writeAll } from './disk.ts'
import { HEADER_BYTES, header } from './frame.ts'
import { Group } from './group.ts'
import { notePoint, type Segment, segmentPath } from './segment.ts'

/** A group of this size is written without being asked, so that a long import does not gather in memory. */
const GROUP_BYTES = 4 * 1024 * 1024
const { O_RDWR, O_CREAT, O_TRUNC, O_DSYNC } = fs.constants

/**
 * With O_DSYNC a write returns when it is durable, which saves the second trip through the thread pool (a fifth to a
 * third of the wait). Only Linux is known to mean it; elsewhere each write is followed by a sync.
 */
const WRITES_ARE_DURABLE = process.platform === 'linux'

/** How a segment is opened to be appended to. */
export function appendFlags(sync: boolean): number {
  return O_RDWR | (sync && WRITES_ARE_DURABLE ? O_DSYNC : 0)
}

/**
 * Group commit: records gather in one group while the group before is written and synced; one write at a time.
 * A group that fails is cut off again and refused; the next one is tried, so writing goes on when space returns.
 */
export class GroupWriter {
  next: number
  private readonly segments: Segment[]
  private readonly disk: Disk
  private readonly segmentBytes: number
  private readonly sync: boolean
  private fd: number
  private gathering = new Group()
  private writing: Group | undefined
  private spare: Buffer | undefined
  private queued = false
  private readonly turns = new Turns()
  /** Bytes past the good length are on disk and must be cut before the next write. */
  private dirty = false
  /** A failure that some record's owner has not been told of. */
  private untold: { last: number; error: Error } | undefined

  /** `segments`: at least one; the last is open for writing as `fd`. The writer adds to the list. */
  constructor(
    segments: Segment[],
    fd: number,
    next: number,
    options: { disk: Disk; segmentBytes: number; sync: boolean },
  ) {
    this.segments = segments
    this.fd = fd
    this.next = next
    this.disk = options.disk
    this.segmentBytes = options.segmentBytes
    this.sync = options.sync
  }

  get pending(): number {
    return this.gathering.count + (this.writing?.count ?? 0)
  }

  append(payload: Uint8Array): number {
    this.gathering.add(this.next, payload)
    if (this.gathering.length >= GROUP_BYTES) this.queue()
    return this.next++
  }

  flushed(from: number): Promise<void> {
    const { untold, writing, gathering } = this
    if (untold !== undefined && from <= untold.last) {
      this.untold = undefined
      return Promise.reject(untold.error)
    }
    const groups = [writing, gathering].filter((group) => group !== undefined && group.count > 0 && group.last >= from)
    for (const group of groups) if (group) group.asked = group.count
    if (gathering.count > 0) this.queue()
    if (groups.length === 1) return (groups[0] as Group).done
    return Promise.all(groups.map((group) => group?.done)).then(() => undefined)
  }

  /** Ends the active segment and begins a new one, between two groups. */
  seal(): Promise<void> {
    return this.turns.take(async () => {
      await this.mend()
      if (this.active.length > HEADER_BYTES)
        await this.roll(this.gathering.count > 0 ? this.gathering.first : this.next)
    })
  }

  /** Writes what is left, then closes the file. */
  async close(): Promise<void> {
    try {
      await this.flushed(0)
    } finally {
      await this.turns.take(() => this.disk.close(this.fd))
    }
  }

  private get active(): Segment {
    return this.segments[this.segments.length - 1] as Segment
  }

  private queue(): void {
    if (this.queued) return
    this.queued = true
    this.turns.take(() => this.writeGroup())
  }

  private async writeGroup(): Promise<void> {
    const group = this.gathering
    this.writing = group
    this.gathering = new Group(this.spare)
    this.spare = undefined
    this.queued = false
    try {
      await this.mend()
      const { length } = this.active
      if (length > HEADER_BYTES && length + group.length > this.segmentBytes) await this.roll(group.first)
      this.dirty = true
      await writeAll(this.disk, this.fd, group.buffer, group.length, this.active.length)
      if (this.sync && !WRITES_ARE_DURABLE) await this.disk.sync(this.fd)
      this.dirty = false
      notePoint((this.active.points ??= []), group.first, this.active.length)
      this.active.length += group.length
      this.settle(group)
      group.resolve()
    } catch (cause) {
      const error = diskError(this.active.path, cause)
      await this.mend().catch(() => {}) // tried again, and told, before the next write
      this.settle(group)
      if (group.asked < group.count) this.untold = { last: group.last, error }
      group.reject(error)
    }
  }

  private settle(group: Group): void {
    this.writing = undefined
    this.spare = group.buffer
    if (this.gathering.length >= GROUP_BYTES) this.queue()
  }

  /** Cuts off what a failed write left behind. */
  private async mend(): Promise<void> {
    if (!this.dirty) return
    await this.disk.truncate(this.fd, this.active.length)
    this.dirty = false
  }

  private async roll(first: number): Promise<void> {
    const path = segmentPath(dirname(this.active.path), first)
    // A sealed segment that a power cut tears is damage, not a torn tail: it must be durable before the next begins.
    if (!this.sync) await this.disk.sync(this.fd)
    const fd = await createSegment(this.disk, path, first, this.sync)
    const old = this.fd
    this.fd = fd
    this.segments.push({ path, first, length: HEADER_BYTES })
    await this.disk.close(old)
  }
}

/** Makes a segment with nothing but its header, durably, and gives its descriptor. */
export async function createSegment(disk: Disk, path: string, first: number, sync: boolean): Promise<number> {
  const fd = await disk.open(path, appendFlags(sync) | O_CREAT | O_TRUNC)
  try {
    await writeAll(disk, fd, header(first), HEADER_BYTES, 0)
    await disk.sync(fd)
    await disk.syncFolder(dirname(path))
    return fd
  } catch (error) {
    await disk.close(fd)
    fs.rmSync(path, { force: true })
    throw error
  }
}

export function diskError(path: string, cause: unknown): SluiceError {
  if (cause instanceof SluiceError) return cause
  return new SluiceError('ERR_DISK_WRITE', [path, cause instanceof Error ? cause.message : String(cause)], { cause })
}
