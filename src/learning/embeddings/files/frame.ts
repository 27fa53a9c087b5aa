import { crc32 } from 'node:zlib'
import { SluiceError } from '../../../foundation/base/index.ts'

/**
 * The frame around everything this room writes, little-endian:
 *
 *     magic 'SLUICEMB' | format u32 | kind u32 | total bytes f64 | header bytes u32 | 0 u32     32 bytes
 *     header as JSON, blanks to a multiple of 16 | body | crc32 u32 of all before
 *
 * The total length tells a file cut short, the checksum a damaged one, before anything is taken from it.
 */
const MAGIC = 'SLUICEMB'
const FORMAT = 1
const FIXED = 32
const HEADER_BYTES_MAX = 1 << 16

const kinds = { checkpoint: 1, snapshot: 2, delta: 3, dense: 4, update: 6, arrays: 7 } as const
export type FrameKind = keyof typeof kinds

/** The bytes of a frame, part by part. The parts may be views of live memory: write each before taking the next. */
export function* frame(
  kind: FrameKind,
  header: object,
  bodyBytes: number,
  body: Iterable<Uint8Array>,
): Generator<Uint8Array> {
  const text = Buffer.from(JSON.stringify(header))
  const length = Math.ceil(text.length / 16) * 16
  const head = Buffer.alloc(FIXED + length, ' ')
  head.write(MAGIC, 'latin1')
  head.writeUInt32LE(FORMAT, 8)
  head.writeUInt32LE(kinds[kind], 12)
  head.writeDoubleLE(FIXED + length + bodyBytes + 4, 16)
  head.writeUInt32LE(length, 24)
  head.writeUInt32LE(0, 28)
  text.copy(head, FIXED)
  let crc = crc32(head)
  let written = 0
  yield head
  for (const part of body) {
    crc = follow(part, crc)
    written += part.byteLength
    yield part
  }
  if (written !== bodyBytes) throw new TypeError(`Wrote ${written} bytes of a body that should have ${bodyBytes}`)
  const tail = Buffer.alloc(4)
  tail.writeUInt32LE(crc)
  yield tail
}

/** Where frames are read from: a file, or bytes in memory. */
export interface Source {
  /** What errors call it. */
  readonly name: string
  readonly bytes: number
  /** Fills an array with the next bytes. */
  read(into: Uint8Array): void
}

export interface FrameReader<H> {
  readonly header: H
  /** Bytes of the body. */
  readonly bodyBytes: number
  /** Fills an array with the next bytes of the body. */
  read(into: ArrayBufferView): void
  /** Checks that the body is used up and undamaged. */
  finish(): void
}

export function invalid(name: string, why: string): SluiceError {
  return new SluiceError('ERR_EMBEDDINGS_INVALID', [name, why])
}

/** Opens a frame of a kind; ERR_EMBEDDINGS_INVALID says what is wrong with it. `check` parses the header. */
export function openFrame<H>(source: Source, kind: FrameKind, check: (header: unknown) => H): FrameReader<H> {
  const fail = (why: string) => invalid(source.name, why)
  const head = Buffer.alloc(FIXED)
  if (source.bytes < FIXED) throw fail(`it has ${source.bytes} bytes, which is too few for a ${kind}`)
  source.read(head)
  if (head.toString('latin1', 0, 8) !== MAGIC) throw fail(`it is no ${kind} of embeddings`)
  if (head.readUInt32LE(8) !== FORMAT) throw fail(`its format is ${head.readUInt32LE(8)}, this version reads ${FORMAT}`)
  const found = Object.entries(kinds).find(([, code]) => code === head.readUInt32LE(12))?.[0]
  if (found !== kind) throw fail(`it is a ${found ?? 'thing unknown'}, not a ${kind}`)
  const total = head.readDoubleLE(16)
  if (total !== source.bytes) throw fail(`it has ${source.bytes} of ${total} bytes`)
  const length = head.readUInt32LE(24)
  if (length > HEADER_BYTES_MAX || FIXED + length + 4 > total) throw fail('its header is damaged')
  const text = Buffer.alloc(length)
  source.read(text)
  let crc = crc32(text, crc32(head))
  let left = total - FIXED - length - 4
  let header: H
  try {
    header = check(JSON.parse(text.toString()))
  } catch (cause) {
    throw new SluiceError('ERR_EMBEDDINGS_INVALID', [source.name, `its header is damaged (${messageOf(cause)})`], {
      cause,
    })
  }
  return {
    header,
    bodyBytes: left,
    read(into) {
      left -= into.byteLength
      if (left < 0) throw fail('it is shorter than its header says')
      const bytes = new Uint8Array(into.buffer, into.byteOffset, into.byteLength)
      source.read(bytes)
      crc = follow(bytes, crc)
    },
    finish() {
      if (left !== 0) throw fail(`${left} bytes are left over`)
      const tail = Buffer.alloc(4)
      source.read(tail)
      if (tail.readUInt32LE() !== crc) throw fail('its checksum does not match')
    },
  }
}

/** Bytes in memory as a source. */
export function bytesSource(name: string, bytes: Uint8Array): Source {
  let at = 0
  return {
    name,
    bytes: bytes.byteLength,
    read(into) {
      into.set(bytes.subarray(at, at + into.byteLength))
      at += into.byteLength
    },
  }
}

/** All parts as one array. */
export const joined = (parts: Iterable<Uint8Array>): Uint8Array<ArrayBuffer> => {
  const copies = Array.from(parts, (part) => Buffer.from(part)) // views of live memory change behind our back
  return new Uint8Array(Buffer.concat(copies))
}

/** zlib takes an array without bytes for a wish to start over. */
const follow = (part: Uint8Array, crc: number): number => (part.byteLength === 0 ? crc : crc32(part, crc))

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))
