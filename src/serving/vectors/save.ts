import { createHash } from 'node:crypto'
import { closeSync, fstatSync, fsyncSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs'
import { SluiceError } from '../../foundation/base/index.ts'

/**
 * A file of an index, little-endian:
 *
 *     magic 'SLUICEIX' | format u32 | header bytes u32 | total bytes f64 | 0 f64      32 bytes
 *     header as JSON, blanks to a multiple of 64 | body | sha-256 of all before, 32 bytes
 *
 * The total tells a file cut short, the hash a damaged one, before anything is taken from it.
 */
const MAGIC = 'SLUICEIX'
const FORMAT = 3
const FIXED = 32
const HASH = 32
const HEADER_BYTES_MAX = 1 << 24
/** Bytes per call of the system. */
const PART = 16 << 20

/** What every index says of itself; drivers add their own. `name`: of the embeddings, for instance two-tower/000004. */
export interface IndexHeader {
  readonly kind: string
  readonly name: string
  readonly dim: number
  readonly size: number
}

/** Writes a file whole or not at all: beside its place, flushed, then moved in. @throws SluiceError ERR_DISK_WRITE */
export function saveIndex(path: string, header: IndexHeader, body: readonly ArrayBufferView[]): void {
  const text = Buffer.from(JSON.stringify(header))
  const length = Math.ceil(text.length / 64) * 64
  const head = Buffer.alloc(FIXED + length, ' ')
  head.write(MAGIC, 'latin1')
  head.writeUInt32LE(FORMAT, 8)
  head.writeUInt32LE(length, 12)
  head.writeDoubleLE(
    body.reduce((sum, part) => sum + part.byteLength, FIXED + length + HASH),
    16,
  )
  head.writeDoubleLE(0, 24)
  text.copy(head, FIXED)
  const draft = `${path}.${process.pid}.tmp`
  const hash = createHash('sha256')
  try {
    const file = openSync(draft, 'w')
    try {
      for (const part of [head, ...body]) {
        const bytes = new Uint8Array(part.buffer, part.byteOffset, part.byteLength)
        for (let at = 0; at < bytes.length; at += PART) {
          const piece = bytes.slice(at, at + PART) // a copy: neither the hash nor the disk reads shared memory
          hash.update(piece)
          for (let done = 0; done < piece.length; ) done += writeSync(file, piece, done)
        }
      }
      writeSync(file, hash.digest())
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(draft, path)
  } catch (cause) {
    rmSync(draft, { force: true })
    throw new SluiceError('ERR_DISK_WRITE', [path, (cause as Error).message], { cause })
  }
}

/** The body of a file, in order. What is read is to be trusted only after `finish`. */
export interface IndexBody {
  readonly bytes: number
  read(into: ArrayBufferView): void
  /** @throws SluiceError ERR_INDEX_INVALID when something is left over or the hash does not match */
  finish(): void
}

/** Reads a file into arrays that `take` makes from its header. @throws SluiceError ERR_INDEX_INVALID */
export function loadIndex<T>(path: string, take: (header: IndexHeader, body: IndexBody) => T): T {
  const fail = (why: string, cause?: unknown) => new SluiceError('ERR_INDEX_INVALID', [path, why], { cause })
  let file: number
  try {
    file = openSync(path, 'r')
  } catch (cause) {
    throw fail((cause as Error).message, cause)
  }
  try {
    const hash = createHash('sha256')
    const next = (length: number): Buffer => {
      const piece = Buffer.alloc(length)
      for (let done = 0; done < length; ) {
        const got = readSync(file, piece, done, length - done, null)
        if (got === 0) throw fail('it ended while it was read')
        done += got
      }
      return piece
    }
    const size = fstatSync(file).size
    if (size < FIXED + HASH) throw fail(`it has ${size} bytes, which is too few`)
    const head = next(FIXED)
    if (head.toString('latin1', 0, 8) !== MAGIC) throw fail('it is no index')
    if (head.readUInt32LE(8) !== FORMAT)
      throw fail(`its format is ${head.readUInt32LE(8)}, this version reads ${FORMAT}`)
    const total = head.readDoubleLE(16)
    if (total !== size) throw fail(`it has ${size} of ${total} bytes`)
    const length = head.readUInt32LE(12)
    if (length > HEADER_BYTES_MAX || FIXED + length + HASH > total) throw fail('its header is damaged')
    const text = next(length)
    hash.update(head).update(text)
    let left = total - FIXED - length - HASH
    const body: IndexBody = {
      bytes: left,
      read(into) {
        left -= into.byteLength
        if (left < 0) throw fail('it is shorter than its header says')
        const bytes = new Uint8Array(into.buffer, into.byteOffset, into.byteLength)
        for (let at = 0; at < bytes.length; at += PART) {
          const piece = next(Math.min(PART, bytes.length - at))
          hash.update(piece)
          bytes.set(piece, at)
        }
      },
      finish() {
        if (left !== 0) throw fail(`${left} bytes are left over`)
        if (!next(HASH).equals(hash.digest())) throw fail('its content is damaged: the hash does not match')
      },
    }
    return take(headerOf(text.toString(), fail), body)
  } catch (error) {
    // A damaged header may ask for more memory than there is, or for a negative length.
    throw error instanceof RangeError ? fail('its header is damaged', error) : error
  } finally {
    closeSync(file)
  }
}

function headerOf(text: string, fail: (why: string, cause?: unknown) => SluiceError): IndexHeader {
  let header: IndexHeader
  try {
    header = JSON.parse(text) as IndexHeader
  } catch (cause) {
    throw fail('its header is damaged', cause)
  }
  const { kind, name, dim, size } = header
  const sound = typeof kind === 'string' && typeof name === 'string' && Number.isInteger(dim) && Number.isInteger(size)
  if (!sound || dim < 1 || size < 0) throw fail('its header is damaged')
  return header
}
