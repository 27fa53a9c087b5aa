import type { BorrowedIndex, ExactIndex, KeyedRows, VectorIndex, VectorKeys } from '../vectors/index.ts'

/** An index that answers at once. */
export interface OpenedIndex {
  readonly index: VectorIndex
  /** Settles when it is as quick as it will be: wait for it where another version serves meanwhile. */
  settled(): Promise<void>
}

/** Where a source has its indexes from. */
export interface IndexHome {
  /** Opens the index over a version's vectors; `exact` gives all of them. With `keys`, rows may be others after a restart. */
  open(version: string, exact: () => ExactIndex, keys?: VectorKeys): OpenedIndex
  /** The index that was kept from before a restart, with what the living rows still have; undefined: there is none. */
  kept(version: string, living: KeyedRows, keys: VectorKeys): VectorIndex | undefined
  /** The index that another thread keeps for a version; missing where this thread keeps its own. @throws SluiceError */
  borrow?(version: string): BorrowedIndex
  /** Is told when vectors cannot be made; they are tried again. */
  failed(error: unknown): void
}

/** For those who keep no indexes. */
export const homeless: IndexHome = {
  open: (_, exact) => ({ index: exact(), settled: () => Promise.resolve() }),
  kept: () => undefined,
  failed: () => undefined,
}
