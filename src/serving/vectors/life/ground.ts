import { type Clock, type Random, SluiceError } from '../../../foundation/base/index.ts'
import type { VectorIndex } from '../vector-index.ts'
import type { BuildIndex } from './candidate.ts'
import type { LifeLimits } from './limits.ts'
import type { Shelf } from './shelf.ts'
import type { SwapWatch } from './swap-watch.ts'

/** Vectors from which on an inverted file is built; fewer are searched exactly, which then takes under a millisecond. */
export const INVERT_FROM = 50_000
/** What the indexes of one source stand on. */
export interface LifeGround {
  readonly shelf: Shelf
  readonly clock: Clock
  readonly build: BuildIndex
  readonly limits: LifeLimits
  readonly watch: SwapWatch
  /** Draws the live queries that a new index is asked too. */
  readonly random: Random
  /** Told of every swap, refusal and rollback. */
  readonly tell: (what: IndexNews) => void
  /** Vectors from which on an inverted file is built. Default INVERT_FROM. */
  readonly invertFrom?: number
}

export interface IndexNews {
  readonly what: 'swapped' | 'refused' | 'rolled back' | 'shadow'
  readonly name: string
  readonly why: string
}

/** One index with its name. */
export interface Generation {
  readonly name: string
  readonly index: VectorIndex
}

/** One from the shelf; undefined, and told, when its file is refused. */
export function openOr({ shelf, tell }: LifeGround, name: string): Generation | undefined {
  try {
    return { name, index: shelf.open(name) }
  } catch (error) {
    if (!(error instanceof SluiceError) || error.code !== 'ERR_INDEX_INVALID') throw error
    tell({ what: 'refused', name, why: error.message })
    return undefined
  }
}
