import { createHash } from 'node:crypto'
import { closeSync, fstatSync, fsyncSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs'
import { SluiceError } from '../../../foundation/base/index.ts'
import { invalid, type Source } from './frame.ts'

/** Bytes per call of the system: a file of many GiB goes in parts. */
const PART_BYTES = 16 << 20

export interface Written {
  readonly bytes: number
  /** In hexadecimal, for a manifest. */
  readonly sha256: string
}

/** Writes a file whole or not at all: beside its place, flushed, then moved in. ERR_DISK_WRITE when that fails. */
export function writeWhole(path: string, parts: Iterable<Uint8Array>): Written {
  const draft = `${path}.${process.pid}.tmp`
  const hash = createHash('sha256')
  let bytes = 0
  try {
    const file = openSync(draft, 'w')
    try {
      for (const part of parts) {
        hash.update(part)
        for (let at = 0; at < part.byteLength; ) {
          const wrote = writeSync(file, part, at, Math.min(PART_BYTES, part.byteLength - at))
          at += wrote
          bytes += wrote
        }
      }
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(draft, path)
  } catch (cause) {
    rmSync(draft, { force: true })
    throw new SluiceError('ERR_DISK_WRITE', [path, (cause as Error).message], { cause })
  }
  return { bytes, sha256: hash.digest('hex') }
}

/** Reads a file part by part into arrays that are there already. ERR_EMBEDDINGS_INVALID when it cannot be read. */
export function readWhole<T>(path: string, read: (source: Source) => T): T {
  let file: number
  try {
    file = openSync(path, 'r')
  } catch (cause) {
    throw new SluiceError('ERR_EMBEDDINGS_INVALID', [path, (cause as Error).message], { cause })
  }
  try {
    return read({
      name: path,
      bytes: fstatSync(file).size,
      read(into) {
        for (let at = 0; at < into.byteLength; ) {
          const got = readSync(file, into, at, Math.min(PART_BYTES, into.byteLength - at), null)
          if (got === 0) throw invalid(path, 'it ended while it was read')
          at += got
        }
      },
    })
  } finally {
    closeSync(file)
  }
}
