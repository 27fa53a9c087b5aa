import type { Audience } from './audience.ts'
import type { Surface } from './outcome.ts'

/** A viewer's wish for a slate, in rows of the world. */
export interface Wish {
  readonly user: number
  readonly surface: Surface
  readonly at: number
  readonly limit: number
  /** Row of the item that the slate follows, or -1. */
  readonly item: number
  /** Topic that is searched, or -1. */
  readonly topic: number
}

/** Chooses slates in a simulation. Gives item rows, best first, each once, at most `limit`, published ones only. */
export interface Policy {
  slate(wish: Wish, audience: Audience): ArrayLike<number>
  /** Is told of each click, to learn from. */
  clicked?(user: number, item: number): void
}

/** Rows that the world's own screens hold. */
export const screens: Readonly<Record<Surface, number>> = { home: 8, next: 5, search: 6 }
