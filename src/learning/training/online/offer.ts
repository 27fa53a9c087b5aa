import type { EmbeddingTable, ModelUpdate } from '../../embeddings/index.ts'

/**
 * How much worse than the live model, in parts of its loss, an update may be on what was held out; and all updates of a
 * base together, so that small steps do not add up to a large one.
 */
export const LOSS_MARGIN = 0.02

/** What came of the wish to publish. */
export type Offer =
  | { readonly kind: 'update'; readonly update: ModelUpdate; readonly loss: number; readonly live: number }
  | { readonly kind: 'refused'; readonly why: string; readonly loss: number; readonly live: number }
  | { readonly kind: 'waiting'; readonly why: string }

/** Are the rows of a table that changed after a version all numbers? */
export function finiteSince({ rows, dim }: EmbeddingTable, version: number): boolean {
  const { floats } = rows.records
  return rows.changedSince(version).every((row) => {
    const at = rows.records.offset(row)
    return floats.subarray(at, at + dim).every(Number.isFinite)
  })
}
