const BLOCK_BYTES = 4096

/** How an array ends: the bytes before the blocks that repeat its last cell, and that cell (empty when it is zeros). */
export function trailing(bytes: Uint8Array, cellBytes: number): { bytes: number; fill: number[] } {
  if (bytes.length < 2 * BLOCK_BYTES) return { bytes: bytes.length, fill: [] }
  const cell = bytes.slice(bytes.length - cellBytes)
  const block = Buffer.alloc(BLOCK_BYTES)
  for (let at = 0; at < BLOCK_BYTES; at += cellBytes) block.set(cell, at)
  let end = bytes.length
  while (end >= BLOCK_BYTES && block.equals(bytes.subarray(end - BLOCK_BYTES, end))) end -= BLOCK_BYTES
  const zeros = cell.every((byte) => byte === 0)
  return { bytes: end, fill: zeros ? [] : [...cell] }
}
