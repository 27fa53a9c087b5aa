import type { BorrowedIndex, ExactIndex, KeyedRows, VectorIndex, VectorKeys } from '../vectors/index.ts'

/** An index that answers at once. */
export interface OpenedIndex {
  readonly index: VectorIndex
  /** Settles when it is as quick as it will be: wait for it where another version serves meanwhile. */
  settled(): Promise<void>
}

/** What a source knows of a version's vectors. */
export interface OfVectors {
  /** Whose they are, where rows may be others after a restart. */
  readonly keys?: VectorKeys
  /** Queries [q, dim] as viewers would ask them now; undefined: there are no viewers yet. */
  readonly asked?: () => Promise<Float32Array | undefined>
}

/** Where a source has its indexes from. */
export interface IndexHome {
  /** Opens the index over a version's vectors; `exact` gives all of them. */
  open(version: string, exact: () => ExactIndex, of?: OfVectors): OpenedIndex
  /** The index that was kept from before a restart, with what the living rows still have; undefined: there is none. */
  kept(version: string, living: KeyedRows, of: OfVectors): VectorIndex | undefined
  /** This version is the one that is asked from now on; the one before rests. */
  serve(version: string): void
  /** It is not asked, but kept to go back to: it goes on taking what changes. */
  rest(version: string): void
  /** Nobody needs its index any more. */
  drop(version: string): void
  /** The version before `version` that is to be kept at hand; undefined: none, or its time is over. */
  past(version: string): string | undefined
  /** The index that another thread keeps for a version; missing where this thread keeps its own. @throws SluiceError */
  borrow?(version: string): BorrowedIndex
  /** Is told when vectors cannot be made; they are tried again. */
  failed(error: unknown): void
}

/** For those who keep no indexes. */
export const homeless: IndexHome = {
  open: (_, exact) => ({ index: exact(), settled: () => Promise.resolve() }),
  kept: () => undefined,
  serve: () => undefined,
  rest: () => undefined,
  drop: () => undefined,
  past: () => undefined,
  failed: () => undefined,
}
