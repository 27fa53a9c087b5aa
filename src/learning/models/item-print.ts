import { mix32 } from '../../foundation/base/index.ts'
import { CONTENT_DIMENSIONS } from '../../stream/features/index.ts'
import type { ItemFacts } from './ranking-rows.ts'

/** Writes 64 bits of an item to `out[at]` and after. */
export type ItemPrint = (row: number, out: Uint32Array, at: number) => void

const SEEDS = [0x9e3779b9, 0x85ebca6b] as const

/**
 * A print of all that an items' tower reads of an item: its id, creator, categories and content. Items with the same
 * print have the same vector by the same towers, in any process: rows do not enter, but the numbers by which tables of
 * embeddings know them. `learned`: of a number, 0 or a print of the embedding that was learned since the version.
 */
export function itemPrint(
  { creator, categories, content, keys }: ItemFacts,
  learned: (id: number) => number = () => 0,
): ItemPrint {
  const vector = new Float32Array(CONTENT_DIMENSIONS)
  const bits = new Uint32Array(vector.buffer)
  return (row, out, at) => {
    vector.fill(0)
    content?.(row, vector)
    const by = creator(row)
    const of = categories(row)
    const id = keys?.item(row) ?? row
    const own = learned(id)
    for (const [lane, seed] of SEEDS.entries()) {
      let h = mix32(id ^ seed)
      if (own !== 0) h = mix32(Math.imul(h, 31) ^ own)
      h = mix32(Math.imul(h, 31) ^ (by < 0 ? -1 : (keys?.creator(by) ?? by)))
      for (let i = 0; i < of.length; i++) h = mix32(Math.imul(h, 31) ^ (keys?.category(of[i]) ?? of[i]))
      h = mix32(Math.imul(h, 31) ^ of.length)
      for (let d = 0; d < CONTENT_DIMENSIONS; d++) h = Math.imul(h ^ bits[d], 0x01000193) ^ (h >>> 15)
      out[at + lane] = mix32(h)
    }
  }
}
