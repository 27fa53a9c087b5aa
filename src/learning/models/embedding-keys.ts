/** Rows of ids with the hash of each, the same in every process. A table of ids fits. */
export interface Hashed {
  hash(row: number): number
}

/** By table of embeddings: the number under which it knows a row. */
export type EmbeddingKeys = Readonly<Record<'item' | 'creator' | 'category' | 'user', (row: number) => number>>

/** This number stands for no id at all. */
const KEY_MAX = 0xffff_fffe

/**
 * Tables of embeddings outlive the process that trained them, and rows do not: erasure, retention and a new import number
 * users and items anew. So a table knows an id by 32 bits of its hash. Of a million ids, about a hundred pairs
 * share a vector.
 */
export function embeddingKeys(ids: Readonly<Record<keyof EmbeddingKeys, Hashed>>): EmbeddingKeys {
  const keyed = (of: Hashed) => (row: number) => Math.min(KEY_MAX, of.hash(row))
  return { item: keyed(ids.item), creator: keyed(ids.creator), category: keyed(ids.category), user: keyed(ids.user) }
}
