import { setImmediate as turn } from 'node:timers/promises'
import type { VectorIndex } from '../vector-index.ts'

/** Vectors copied between two turns of the event loop. */
const COPY_ROWS = 4096
/** All of an index, in memory that a thread takes without copying; made in pieces, so that requests come in between. */
export async function copyVectors(index: VectorIndex): Promise<{ rows: Uint32Array; vectors: Float32Array }> {
  const { dim } = index
  const held = index.rows()
  const rows = new Uint32Array(new SharedArrayBuffer(held.length * 4))
  const vectors = new Float32Array(new SharedArrayBuffer(held.length * dim * 4))
  let count = 0
  for (const [i, row] of held.entries()) {
    if (index.read(row, vectors.subarray(count * dim, (count + 1) * dim))) rows[count++] = row
    if (i % COPY_ROWS === COPY_ROWS - 1) await turn()
  }
  return { rows: rows.subarray(0, count), vectors: vectors.subarray(0, count * dim) }
}
