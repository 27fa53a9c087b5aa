import fs from 'node:fs'
import { dirname } from 'node:path'
import { crc32 } from 'node:zlib'
import { type Numbers, type Shelved, visitArrays } from '../../base/index.ts'
import { type Disk, nodeDisk } from '../disk.ts'
import { diskError } from '../writer.ts'
import { ALIGN, FOOT_BYTES, HEAD_BYTES, MAGIC, type Section, SNAPSHOT_FORMAT, type Table } from './format.ts'
import { Spool } from './spool.ts'
import { Trailing } from './trailing.ts'

/** Bytes looked at, summed and handed to the disk at once: a fraction of a millisecond of work. */
const SLICE_BYTES = 1024 * 1024
const { O_RDONLY, O_WRONLY, O_CREAT, O_TRUNC } = fs.constants

/** A snapshot whose bytes are written, and which does not count yet. */
export interface SnapshotDraft {
  readonly bytes: number
  /** Makes it durable and gives it its name. */
  commit(): Promise<void>
  /** Takes it away. */
  discard(): Promise<void>
}

/**
 * Writes every array of a part beside `path`, as it lies in memory, with turns for other work in between. Nothing may change
 * the arrays until it resolves; what follows (`commit`: the wait for the disk, the name) may overlap with changes.
 * @throws SluiceError ERR_DISK_WRITE
 */
export async function draftSnapshot(
  path: string,
  part: Shelved,
  about: unknown,
  disk: Disk = nodeDisk,
): Promise<SnapshotDraft> {
  const draft = `${path}.new`
  const { arrays, texts } = arraysOf(part)
  let fd: number
  try {
    fd = await disk.open(draft, O_WRONLY | O_CREAT | O_TRUNC)
  } catch (error) {
    throw diskError(draft, error)
  }
  const discard = async () => {
    await disk.close(fd).catch(() => {}) // it may be closed already
    fs.rmSync(draft, { force: true })
  }
  const spool = new Spool(disk, fd)
  try {
    const sections: Section[] = []
    await spool.write(head(), 0)
    let end = HEAD_BYTES
    for (const [name, array] of arrays) {
      const section = await putArray(spool, name, array, Math.ceil(end / ALIGN) * ALIGN)
      sections.push(section)
      end = section.offset + section.bytes
    }
    const table = tableBytes({ about, sections, texts })
    await spool.write(table, end)
    await spool.done()
    const commit = async () => {
      try {
        await disk.sync(fd)
        await disk.close(fd)
        await replace(disk, draft, path)
        await disk.syncFolder(dirname(path))
      } catch (error) {
        await discard()
        throw diskError(path, error)
      }
    }
    return { bytes: end + table.length, commit, discard }
  } catch (error) {
    await spool.done().catch(() => {}) // the number of a closed file may be another file's: nothing may be on its way
    await discard()
    throw diskError(draft, error)
  }
}

/**
 * Renames over a file that is held open meanwhile, so that the file system gives its space back when it is closed, off
 * this thread: for half a gigabyte that takes hundreds of milliseconds.
 */
async function replace(disk: Disk, from: string, to: string): Promise<void> {
  const before = await disk.open(to, O_RDONLY).catch(() => undefined) // there may be none
  try {
    disk.rename(from, to)
  } finally {
    if (before !== undefined) await disk.close(before)
  }
}

function arraysOf(part: Shelved): { arrays: Map<string, Numbers>; texts: Table['texts'] } {
  const arrays = new Map<string, Numbers>()
  const texts: Record<string, readonly string[]> = {}
  visitArrays(part, {
    array(path, held) {
      if (arrays.has(path)) throw new TypeError(`Cannot keep two arrays under the name ${path}`)
      arrays.set(path, held)
      return held
    },
    texts(path, held) {
      texts[path] = held
      return held
    },
  })
  return { arrays, texts }
}

async function putArray(spool: Spool, path: string, array: Numbers, offset: number): Promise<Section> {
  const all = new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
  const trailing = new Trailing(all, array.BYTES_PER_ELEMENT)
  while (trailing.step(SLICE_BYTES)) await spool.breathe()
  const { end: bytes, fill } = trailing
  let sum = 0
  for (let from = 0; from < bytes; from += SLICE_BYTES) {
    const slice = all.subarray(from, Math.min(bytes, from + SLICE_BYTES))
    sum = crc32(slice, sum)
    await spool.write(slice, offset + from)
    await spool.breathe()
  }
  return { path, type: array.constructor.name, length: array.length, offset, bytes, fill, sum }
}

function head(): Buffer {
  const bytes = Buffer.alloc(HEAD_BYTES)
  MAGIC.copy(bytes)
  bytes.writeUInt32LE(SNAPSHOT_FORMAT, MAGIC.length)
  return bytes
}

function tableBytes(table: Table): Buffer {
  const json = Buffer.from(JSON.stringify(table))
  const foot = Buffer.alloc(FOOT_BYTES)
  foot.writeUInt32LE(json.length, 0)
  foot.writeUInt32LE(crc32(json), 4)
  MAGIC.copy(foot, 8)
  return Buffer.concat([json, foot])
}
