import { ExactIndex } from './exact.ts'
import { ExactSearcher, type ExactShared, SEARCHERS as EXACT_SEARCHERS } from './exact-searcher.ts'
import { IvfIndex } from './ivf/ivf.ts'
import { type IvfShared, IvfSearcher } from './ivf/searcher.ts'
import type { Found, SearchOptions, VectorIndex } from './vector-index.ts'

/** An index of one thread, as another one can search it: no copy, the same memory. */
export type LentIndex =
  | { readonly kind: 'exact'; readonly shared: ExactShared }
  | { readonly kind: 'ivf'; readonly shared: IvfShared }

/** @throws TypeError for a kind that lies in no shared memory */
export function lend(index: VectorIndex): LentIndex {
  if (index instanceof ExactIndex) return { kind: 'exact', shared: index.shared }
  if (index instanceof IvfIndex) return { kind: 'ivf', shared: index.shared }
  throw new TypeError(`Cannot lend an index of kind ${index.kind}`)
}

/** Searches an index that another thread owns and changes: only while that one stands still. */
export class BorrowedIndex {
  readonly dim: number
  private searcher: { search(query: Float32Array, k: number, options?: SearchOptions): Found }

  /** `reader`: this thread among those that search, from 0. */
  constructor(lent: LentIndex, reader: number) {
    this.dim = dimOf(lent)
    this.searcher = searcherOf(lent, reader)
  }

  /** Searches another index over the same vectors from now on. */
  take(lent: LentIndex, reader: number): void {
    this.searcher = searcherOf(lent, reader)
  }

  search(query: Float32Array, k: number, options?: SearchOptions): Found {
    return this.searcher.search(query, k, options)
  }
}

/** Scratch spaces are given out from the last one on; the first ones belong to the owner and to those who built it. */
function searcherOf(lent: LentIndex, reader: number) {
  if (lent.kind === 'exact') return new ExactSearcher(lent.shared, EXACT_SEARCHERS - 1 - reader)
  return new IvfSearcher(lent.shared, lent.shared.shape.searchers - 1 - reader)
}

const dimOf = ({ kind, shared }: LentIndex): number => (kind === 'exact' ? shared.dim : shared.shape.dim)
