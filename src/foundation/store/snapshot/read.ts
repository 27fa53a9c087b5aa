import fs from 'node:fs'
import { crc32 } from 'node:zlib'
import { type Numbers, type Shelved, visitArrays } from '../../base/index.ts'
import { FOOT_BYTES, HEAD_BYTES, MAGIC, type Section, SNAPSHOT_FORMAT, type Table } from './format.ts'

/** Why a snapshot cannot be taken. */
export class SnapshotRefused extends Error {
  override readonly name = 'SnapshotRefused'
}

const types: Readonly<Record<string, (bytes: ArrayBufferLike) => Numbers>> = {
  Float64Array: (bytes) => new Float64Array(bytes),
  Float32Array: (bytes) => new Float32Array(bytes),
  Uint32Array: (bytes) => new Uint32Array(bytes),
  Int32Array: (bytes) => new Int32Array(bytes),
  Uint16Array: (bytes) => new Uint16Array(bytes),
  Int16Array: (bytes) => new Int16Array(bytes),
  Uint8Array: (bytes) => new Uint8Array(bytes),
  Int8Array: (bytes) => new Int8Array(bytes),
}

/** A snapshot that is there to be taken. */
export interface Snapshot {
  /** What its owner said of it. */
  readonly about: unknown
  readonly bytes: number
  /**
   * Puts every array into its place, each by one read. Takes all or throws; then the part is half one and half the
   * other, and of no use.
   * @throws SnapshotRefused
   */
  restore(part: Shelved): void
}

/**
 * Looks a snapshot over without reading its arrays; undefined when there is no such file.
 * @throws SnapshotRefused when it is not whole
 */
export function openSnapshot(path: string): Snapshot | undefined {
  if (!fs.existsSync(path)) return undefined
  const { table, bytes } = withFile(path, (fd) => readTable(fd))
  return { about: table.about, bytes, restore: (part) => withFile(path, (fd) => restore(fd, table, part)) }
}

function withFile<T>(path: string, use: (fd: number) => T): T {
  const fd = fs.openSync(path, 'r')
  try {
    return use(fd)
  } finally {
    fs.closeSync(fd)
  }
}

function readTable(fd: number): { table: Table; bytes: number } {
  const bytes = fs.fstatSync(fd).size
  if (bytes < HEAD_BYTES + FOOT_BYTES) throw new SnapshotRefused('it is cut short')
  const head = readAt(fd, Buffer.alloc(HEAD_BYTES), 0)
  const foot = readAt(fd, Buffer.alloc(FOOT_BYTES), bytes - FOOT_BYTES)
  const format = head.readUInt32LE(MAGIC.length)
  if (!MAGIC.equals(head.subarray(0, MAGIC.length)) || !MAGIC.equals(foot.subarray(8)))
    throw new SnapshotRefused('it is cut short, or no snapshot')
  if (format !== SNAPSHOT_FORMAT)
    throw new SnapshotRefused(`it has format ${format}, this version reads ${SNAPSHOT_FORMAT}`)
  const length = foot.readUInt32LE(0)
  if (length > bytes - HEAD_BYTES - FOOT_BYTES) throw new SnapshotRefused('its table is damaged')
  const json = readAt(fd, Buffer.alloc(length), bytes - FOOT_BYTES - length)
  if (crc32(json) !== foot.readUInt32LE(4)) throw new SnapshotRefused('its table is damaged')
  return { table: JSON.parse(json.toString('utf8')) as Table, bytes }
}

function restore(fd: number, { sections, texts }: Table, part: Shelved): void {
  const left = new Map(sections.map((section) => [section.path, section]))
  visitArrays(part, {
    array<T extends Numbers>(path: string, held: T): T {
      const section = left.get(path)
      if (section?.type !== held.constructor.name) throw new SnapshotRefused(`it holds no ${path} as this version does`)
      left.delete(path)
      return readArray(fd, section, held.buffer instanceof SharedArrayBuffer) as T
    },
    texts: (path, held) => texts[path] ?? held,
  })
  for (const path of left.keys()) throw new SnapshotRefused(`this version has no ${path}`)
}

/** Into memory of the same kind as the array that it replaces. */
function readArray(fd: number, section: Section, shared: boolean): Numbers {
  const { path, type, length, offset, bytes, fill, sum } = section
  const make = types[type]
  if (!make) throw new SnapshotRefused(`the type of ${path} is not known`)
  const cellBytes = make(new ArrayBuffer(0)).BYTES_PER_ELEMENT
  const buffer = shared ? new SharedArrayBuffer(length * cellBytes) : new ArrayBuffer(length * cellBytes)
  const kept = Buffer.from(buffer, 0, bytes)
  readAt(fd, kept, offset)
  if (crc32(kept) !== sum) throw new SnapshotRefused(`${path} is damaged`)
  if (fill.length > 0) Buffer.from(buffer, bytes).fill(Buffer.from(fill))
  return make(buffer)
}

/** Fills a buffer from the file. */
function readAt(fd: number, buffer: Buffer, position: number): Buffer {
  for (let done = 0; done < buffer.length; ) {
    const read = fs.readSync(fd, buffer, done, buffer.length - done, position + done)
    if (read === 0) throw new SnapshotRefused('it is cut short')
    done += read
  }
  return buffer
}
