import { crc32 } from 'node:zlib'

/**
 * The bytes of a segment, little endian:
 *   header  magic 8 | format u32 | crc32 of all else in the header u32 | first seq u64
 *   frame   length u32 | crc32 of seq and payload u32 | seq u64 | payload
 * A frame of zeros is never valid: the checksum of eight zero bytes is not zero.
 */
export const HEADER_BYTES = 24
export const FRAME_BYTES = 16
/** Longest payload. A longer length can only be a torn or damaged frame. */
export const PAYLOAD_BYTES_MAX = 64 * 1024 * 1024
export const JOURNAL_FORMAT = 1

const MAGIC = Buffer.from('SLUICEJL')
const HIGH = 0x1_0000_0000

export function header(first: number): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES)
  MAGIC.copy(bytes)
  bytes.writeUInt32LE(JOURNAL_FORMAT, 8)
  writeSeq(bytes, 16, first)
  bytes.writeUInt32LE(headerSum(bytes), 12)
  return bytes
}

/** What a header says: its format and first seq, or 'torn' (too short or damaged) or 'foreign' (another kind of file). */
export function readHeader(bytes: Buffer): { format: number; first: number } | 'torn' | 'foreign' {
  if (bytes.length < HEADER_BYTES) return 'torn'
  if (!bytes.subarray(0, 8).equals(MAGIC))
    return bytes.subarray(0, HEADER_BYTES).every((b) => b === 0) ? 'torn' : 'foreign'
  const format = bytes.readUInt32LE(8)
  if (format === JOURNAL_FORMAT && headerSum(bytes) !== bytes.readUInt32LE(12)) return 'torn'
  return { format, first: readSeq(bytes, 16) }
}

function headerSum(bytes: Buffer): number {
  return crc32(bytes.subarray(16, HEADER_BYTES), crc32(bytes.subarray(0, 12)))
}

/** Writes one frame at an offset where it fits; gives the offset after it. */
export function writeFrame(buffer: Buffer, offset: number, seq: number, payload: Uint8Array): number {
  const end = offset + FRAME_BYTES + payload.length
  writeSeq(buffer, offset + 8, seq)
  buffer.set(payload, offset + FRAME_BYTES)
  writeU32(buffer, offset, payload.length)
  writeU32(buffer, offset + 4, crc32(buffer.subarray(offset + 8, end)))
  return end
}

export function readSeq(bytes: Uint8Array, offset: number): number {
  return readU32(bytes, offset) + readU32(bytes, offset + 4) * HIGH
}

export function readU32(bytes: Uint8Array, offset: number): number {
  return (bytes[offset] | (bytes[offset + 1] << 8) | (bytes[offset + 2] << 16) | (bytes[offset + 3] << 24)) >>> 0
}

function writeSeq(bytes: Uint8Array, offset: number, seq: number): void {
  writeU32(bytes, offset, seq % HIGH)
  writeU32(bytes, offset + 4, Math.floor(seq / HIGH))
}

function writeU32(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value
  bytes[offset + 1] = value >>> 8
  bytes[offset + 2] = value >>> 16
  bytes[offset + 3] = value >>> 24
}
