import type { Random } from '../../foundation/base/index.ts'

/** Who may be drawn for the exploration slots. */
export interface Lots {
  /** Positions to fill by lot. */
  readonly slots: readonly number[]
  /** Contenders in the pot, at least as many as slots. */
  readonly pool: readonly number[]
}

/**
 * Draws for each slot in turn, uniformly and without replacement. Every member of the pool lands in every slot with
 * probability 1 / |pool|: that is the propensity, and it is exact because the pool does not depend on the lots.
 */
export function drawLots({ slots, pool }: Lots, random: Random): { position: number; contender: number }[] {
  const left = [...pool]
  return slots.map((position) => {
    const place = random.int(left.length)
    const contender = left[place] as number
    left.splice(place, 1)
    return { position, contender }
  })
}

/**
 * The pool: those that keep all caps, whichever of them are drawn; when these are fewer than the slots, those that
 * keep the creator cap; then all. Undefined when even all are too few.
 */
export function poolFor(fresh: readonly number[], relaxations: readonly number[], slots: number): number[] | undefined {
  for (let allowed = 0; allowed <= 2; allowed++) {
    const pool = fresh.filter((_, i) => (relaxations[i] as number) <= allowed)
    if (pool.length >= slots) return pool
  }
  return undefined
}
