import fs from 'node:fs'
import { crc32 } from 'node:zlib'
import { FRAME_BYTES, PAYLOAD_BYTES_MAX, readSeq, readU32 } from './frame.ts'

const CHUNK_BYTES = 1024 * 1024

/** Walks the frames of one file by large reads into one buffer. `payload` is valid until the next step. */
export class FrameCursor {
  seq = -1
  payload: Buffer = Buffer.alloc(0)
  /** Offsets in the file of the frame that `next` found. */
  start: number
  end: number
  /** The frame at `end` is cut short or its checksum is wrong. */
  bad = false
  private readonly fd: number
  private readonly limit: number
  private chunk: Buffer
  private at = 0 // place of `end` in the chunk
  private filled = 0

  /** Reads from one offset of the file up to another. */
  constructor(fd: number, from: number, limit: number) {
    this.fd = fd
    this.start = from
    this.end = from
    this.limit = limit
    this.chunk = Buffer.allocUnsafe(Math.max(FRAME_BYTES, Math.min(CHUNK_BYTES, limit - from)))
  }

  /** Moves to the next frame; false at the end and at a bad frame. */
  next(): boolean {
    this.start = this.end
    if (this.end === this.limit) return false
    if (!this.has(FRAME_BYTES)) return this.fail()
    const length = readU32(this.chunk, this.at)
    if (length > PAYLOAD_BYTES_MAX || !this.has(FRAME_BYTES + length)) return this.fail()
    const { chunk, at } = this
    const end = at + FRAME_BYTES + length
    if (crc32(chunk.subarray(at + 8, end)) !== readU32(chunk, at + 4)) return this.fail()
    this.seq = readSeq(chunk, at + 8)
    this.payload = chunk.subarray(at + FRAME_BYTES, end)
    this.at = end
    this.end = this.start + FRAME_BYTES + length
    return true
  }

  private fail(): false {
    this.bad = true
    return false
  }

  /** Makes sure that the next `bytes` bytes are in the chunk. */
  private has(bytes: number): boolean {
    if (this.filled - this.at >= bytes) return true
    if (this.limit - this.end < bytes) return false
    const held = this.filled - this.at
    if (bytes > this.chunk.length) {
      const grown = Buffer.allocUnsafe(Math.max(bytes, this.chunk.length * 2))
      this.chunk.copy(grown, 0, this.at, this.filled)
      this.chunk = grown
    } else {
      this.chunk.copyWithin(0, this.at, this.filled)
    }
    this.at = 0
    this.filled = held
    while (this.filled < bytes) {
      const position = this.end + this.filled
      const room = Math.min(this.chunk.length - this.filled, this.limit - position)
      const read = fs.readSync(this.fd, this.chunk, this.filled, room, position)
      if (read === 0) return false
      this.filled += read
    }
    return true
  }
}
