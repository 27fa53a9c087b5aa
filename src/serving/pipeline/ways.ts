import type { Rung } from '../../domain/index.ts'
import type { Chance } from './outlook.ts'

/** A way to rank, and how it is likely to go in the time that is left. */
export interface Way {
  readonly rung: Rung
  /** Share of the healthy slate's worth that its slates have. */
  readonly worth: number
  readonly chance: Chance
}

/** The way to try first, as an index into the ways, which cost less from one to the next. The last one always works. */
export type Choose = (ways: readonly Way[]) => number

/** What is shown when nobody ranks any more: the order that was come to, or what is ready, whichever is worth more. */
export interface Below {
  readonly rung: Rung
  readonly worth: number
}
