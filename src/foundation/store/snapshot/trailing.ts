const BLOCK_BYTES = 4096

/** How an array ends: which cell is repeated there, and where that begins, to the block. */
export class Trailing {
  /** Bytes before the blocks that repeat the last cell, as far as `step` came. */
  end: number
  /** The bytes of that cell; empty when they are all 0. */
  readonly fill: readonly number[]
  private readonly bytes: Uint8Array
  private readonly block: Buffer

  constructor(bytes: Uint8Array, cellBytes: number) {
    this.bytes = bytes
    this.end = bytes.length
    const cell = bytes.slice(bytes.length - cellBytes)
    this.fill = cell.every((byte) => byte === 0) ? [] : [...cell]
    this.block = Buffer.alloc(BLOCK_BYTES)
    for (let at = 0; at < BLOCK_BYTES; at += cellBytes) this.block.set(cell, at)
  }

  /** Looks at some megabytes more, from the end; false when there is nothing more to find. */
  step(bytes: number): boolean {
    for (let looked = 0; looked < bytes; looked += BLOCK_BYTES) {
      const start = this.end - BLOCK_BYTES
      if (start < 0 || !this.block.equals(this.bytes.subarray(start, this.end))) return false
      this.end = start
    }
    return true
  }
}
