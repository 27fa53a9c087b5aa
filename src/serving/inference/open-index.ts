import type { ExactIndex, VectorIndex } from '../vectors/index.ts'

/** An index that answers at once. */
export interface OpenedIndex {
  readonly index: VectorIndex
  /** Settles when it is as quick as it will be: wait for it where another version serves meanwhile. */
  settled(): Promise<void>
}

/** Opens the index over a version's vectors; `exact` gives all of them. */
export type OpenIndex = (version: string, exact: () => ExactIndex) => OpenedIndex

/** For those who keep no indexes. */
export const exactly: OpenIndex = (_, exact) => ({ index: exact(), settled: () => Promise.resolve() })
