import { grown } from './numbers.ts'
import type { Shelf, Shelved } from './shelf.ts'

/** Growable bytes. Hold this, not `buffer`: growth replaces the buffer. */
export class Bytes implements Shelved {
  buffer: Buffer
  private array: Uint8Array

  constructor(length: number) {
    this.array = new Uint8Array(length)
    this.buffer = bufferOver(this.array)
  }

  get length(): number {
    return this.array.length
  }

  /** Makes room: at least doubles when it must grow, so it is amortised constant. */
  ensure(length: number): void {
    if (length <= this.array.length) return
    this.array = grown(this.array, Math.max(this.array.length * 2, length))
    this.buffer = bufferOver(this.array)
  }

  /** Takes new bytes, all zeros, in place of those held, and gives the old ones. */
  renew(length: number): Buffer {
    const before = this.buffer
    this.array = grown(this.array.subarray(0, 0), length)
    this.buffer = bufferOver(this.array)
    return before
  }

  shelve(shelf: Shelf): void {
    this.array = shelf.array('bytes', this.array)
    this.buffer = bufferOver(this.array)
  }
}

function bufferOver(array: Uint8Array): Buffer {
  return Buffer.from(array.buffer, array.byteOffset, array.byteLength)
}
