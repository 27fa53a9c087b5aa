import { setImmediate as turn } from 'node:timers/promises'
import type { VectorIndex } from '../vector-index.ts'
import { KEY_WIDTH, type VectorKeys } from './keys.ts'

/** Vectors copied between two turns of the event loop. */
const COPY_ROWS = 4096

/** [n], [n, dim] and [n, 2]; no keys where nobody keeps any. */
export interface CopiedVectors {
  readonly rows: Uint32Array
  readonly vectors: Float32Array
  readonly keys: Uint32Array | undefined
}

/** All of an index, in memory that a thread takes without copying; made in pieces, so that requests come in between. */
export async function copyVectors(index: VectorIndex, of?: VectorKeys): Promise<CopiedVectors> {
  const { dim } = index
  const held = index.rows()
  const rows = new Uint32Array(new SharedArrayBuffer(held.length * 4))
  const vectors = new Float32Array(new SharedArrayBuffer(held.length * dim * 4))
  const keys = of && new Uint32Array(new SharedArrayBuffer(held.length * KEY_WIDTH * 4))
  let count = 0
  for (const [i, row] of held.entries()) {
    if (index.read(row, vectors.subarray(count * dim, (count + 1) * dim))) {
      if (keys) of.key(row, keys, count * KEY_WIDTH)
      rows[count++] = row
    }
    if (i % COPY_ROWS === COPY_ROWS - 1) await turn()
  }
  return {
    rows: rows.subarray(0, count),
    vectors: vectors.subarray(0, count * dim),
    keys: keys?.subarray(0, count * KEY_WIDTH),
  }
}
