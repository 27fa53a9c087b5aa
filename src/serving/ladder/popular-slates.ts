import type { Clock } from '../../foundation/base/index.ts'
import type { Query } from '../pipeline/index.ts'

/** Least time between two makings of one list. */
const REFRESH_MS = 10_000
/** Countries with a list of their own; viewers of others get everybody's. */
const COUNTRIES_MAX = 300

export type MakePopular = (country: number, at: number) => ArrayLike<number>

/**
 * What is popular, per country, ready to be shown: rows, best first. Made beforehand, renewed now and then, and kept
 * when renewing fails: the rung below every other must not depend on any of them.
 */
export class PopularSlates {
  private readonly make: MakePopular
  private readonly clock: Clock
  private readonly lists = new Map<number, { rows: ArrayLike<number>; madeAt: number }>()

  /** `make`: the list of a country row, or of everybody for -1. */
  constructor(make: MakePopular, clock: Clock) {
    this.make = make
    this.clock = clock
  }

  of({ viewer, at }: Query): ArrayLike<number> {
    const country = this.lists.has(viewer.country) || this.lists.size < COUNTRIES_MAX ? viewer.country : -1
    const held = this.lists.get(country)
    const now = this.clock.ticks()
    if (held && now - held.madeAt < REFRESH_MS) return held.rows
    const rows = this.made(country, at) ?? held?.rows ?? []
    this.lists.set(country, { rows, madeAt: now })
    return rows
  }

  private made(country: number, at: number): ArrayLike<number> | undefined {
    try {
      return this.make(country, at)
    } catch {
      return undefined // the list before is good enough; the source of the same name reports the failure
    }
  }
}
