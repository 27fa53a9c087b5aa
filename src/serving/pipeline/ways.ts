import type { Rung } from '../../domain/index.ts'
import type { Chance } from './outlook.ts'

/** A way to rank, and how it is likely to go in the time that is left. */
export interface Way {
  readonly rung: Rung
  readonly chance: Chance
}

/** The way to try first, as an index into the ways, which are ordered best first. The last one always works. */
export type Choose = (ways: readonly Way[]) => number
