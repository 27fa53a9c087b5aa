import { FRAME_BYTES, PAYLOAD_BYTES_MAX, writeFrame } from './frame.ts'

const BUFFER_BYTES = 64 * 1024
/** A buffer that grew beyond this in a burst is not used again. */
const SPARE_BYTES_MAX = 8 * 1024 * 1024

/** The records that one write makes durable: all of them or none. */
export class Group {
  buffer: Buffer
  length = 0
  count = 0
  first = 0
  last = -1
  /** How many of the records somebody asked about with `flushed()`. */
  asked = 0
  readonly done: Promise<void>
  resolve!: () => void
  reject!: (error: Error) => void

  constructor(spare?: Buffer) {
    this.buffer = spare !== undefined && spare.length <= SPARE_BYTES_MAX ? spare : Buffer.allocUnsafe(BUFFER_BYTES)
    this.done = new Promise((resolve, reject) => {
      this.resolve = resolve
      this.reject = reject
    })
    // A group that nobody waits for must not end the process; the writer tells its failure to the next who asks.
    this.done.catch(() => {})
  }

  add(seq: number, payload: Uint8Array): void {
    if (payload.length > PAYLOAD_BYTES_MAX) {
      throw new RangeError(`Cannot append ${payload.length} bytes: a record holds at most ${PAYLOAD_BYTES_MAX}`)
    }
    const needed = this.length + FRAME_BYTES + payload.length
    if (needed > this.buffer.length) {
      const grown = Buffer.allocUnsafe(Math.max(needed, this.buffer.length * 2))
      this.buffer.copy(grown, 0, 0, this.length)
      this.buffer = grown
    }
    this.length = writeFrame(this.buffer, this.length, seq, payload)
    if (this.count === 0) this.first = seq
    this.last = seq
    this.count++
  }
}
