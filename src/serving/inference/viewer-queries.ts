import { setImmediate as turn } from 'node:timers/promises'
import type { State } from '../../stream/catalog/index.ts'
import type { Histories } from '../../stream/features/index.ts'
import { ASKED } from '../vectors/index.ts'

/** Fewer viewers with a history than this say too little of what will be asked. */
const VIEWERS_LEAST = 64
/** So many rows are looked at for each viewer that is wanted. */
const LOOKED_AT = 16
/** Viewers encoded between two turns of the event loop. */
const SLICE = 8

/**
 * Vectors of viewers as they are now, [q, dim]: what an index over a version's items will be asked, before anybody did. Of
 * those with a history who let it be used, evenly over the rows. Undefined while they are too few.
 */
export async function viewerQueries(
  { users }: State,
  histories: Histories,
  encode: (viewers: readonly number[]) => Promise<readonly (Float32Array | undefined)[]>,
): Promise<Float32Array | undefined> {
  const known: number[] = []
  const step = Math.max(1, users.size / (ASKED * LOOKED_AT))
  for (let at = 0; at < users.size; at += step) {
    const row = Math.floor(at)
    if (histories.length(row) > 0 && users.optedOut.array[row] === 0) known.push(row)
  }
  if (known.length < VIEWERS_LEAST) return undefined
  const count = Math.min(ASKED, known.length)
  const asking = Array.from({ length: count }, (_, i) => known[Math.floor((i * known.length) / count)] as number)
  const vectors: Float32Array[] = []
  for (let from = 0; from < count; from += SLICE) {
    for (const vector of await encode(asking.slice(from, from + SLICE))) if (vector) vectors.push(vector)
    await turn()
  }
  if (vectors.length < VIEWERS_LEAST) return undefined
  const [{ length: dim }] = vectors as [Float32Array]
  const queries = new Float32Array(vectors.length * dim)
  for (const [i, vector] of vectors.entries()) queries.set(vector, i * dim)
  return queries
}
