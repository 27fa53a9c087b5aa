import fs from 'node:fs'
import { dirname } from 'node:path'
import { crc32 } from 'node:zlib'
import { type Numbers, type Shelved, visitArrays } from '../../base/index.ts'
import { type Disk, nodeDisk, writeAll } from '../disk.ts'
import { diskError } from '../writer.ts'
import { ALIGN, FOOT_BYTES, HEAD_BYTES, MAGIC, type Section, SNAPSHOT_FORMAT, type Table } from './format.ts'
import { trailing } from './trailing.ts'

/** Bytes summed and handed to the disk between two turns of the event loop: well under a millisecond of work. */
const SLICE_BYTES = 1024 * 1024
const { O_WRONLY, O_CREAT, O_TRUNC } = fs.constants

/** A snapshot whose bytes are written, and which does not count yet. */
export interface SnapshotDraft {
  readonly bytes: number
  /** Makes it durable and gives it its name. */
  commit(): Promise<void>
  /** Takes it away. */
  discard(): Promise<void>
}

/**
 * Writes every array of a part beside `path`, slice by slice, with turns for other work in between. Nothing may change
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
  try {
    const sections: Section[] = []
    let end = await put(disk, fd, head(), 0)
    for (const [name, array] of arrays) {
      const offset = Math.ceil(end / ALIGN) * ALIGN
      const { section, bytes } = sectionOf(name, array, offset)
      sections.push({ ...section, sum: await putSummed(disk, fd, bytes, offset) })
      end = offset + bytes.length
    }
    end = await put(disk, fd, tableBytes({ about, sections, texts }), end)
    const commit = async () => {
      try {
        await disk.sync(fd)
        await disk.close(fd)
        disk.rename(draft, path)
        await disk.syncFolder(dirname(path))
      } catch (error) {
        await discard()
        throw diskError(path, error)
      }
    }
    return { bytes: end, commit, discard }
  } catch (error) {
    await discard()
    throw diskError(draft, error)
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

function sectionOf(path: string, array: Numbers, offset: number): { section: Omit<Section, 'sum'>; bytes: Uint8Array } {
  const all = new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
  const { bytes, fill } = trailing(all, array.BYTES_PER_ELEMENT)
  const type = array.constructor.name
  return { section: { path, type, length: array.length, offset, bytes, fill }, bytes: all.subarray(0, bytes) }
}

async function putSummed(disk: Disk, fd: number, bytes: Uint8Array, position: number): Promise<number> {
  let sum = 0
  for (let from = 0; from < bytes.length; from += SLICE_BYTES) {
    const slice = bytes.subarray(from, from + SLICE_BYTES)
    sum = crc32(slice, sum)
    await writeAll(disk, fd, slice, slice.length, position + from)
  }
  return sum
}

async function put(disk: Disk, fd: number, bytes: Buffer, position: number): Promise<number> {
  await writeAll(disk, fd, bytes, bytes.length, position)
  return position + bytes.length
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
