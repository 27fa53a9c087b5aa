import type { Check, Query, Supply } from '../pipeline/index.ts'
import type { Rung } from '../../domain/index.ts'
import type { CachedSlates } from './cached-slates.ts'
import type { PopularSlates } from './popular-slates.ts'

/** Eligible items of the whole catalogue, best first, each passing `check`. */
export type Sweep = (query: Query, check: Check, taken: ReadonlySet<number>, need: number) => Uint32Array

export interface SupplyParts {
  readonly cached: CachedSlates
  readonly popular: PopularSlates
  readonly sweep: Sweep
}

/**
 * The rungs that need no retrieval, in order: the slate kept from before, what is popular, a sweep of the catalogue.
 * Every row passes `check` as it is now: seen since, hidden since, excluded by this request - all are gone.
 */
export function createSupply({ cached, popular, sweep }: SupplyParts): Supply {
  return {
    give(query, check, taken, { need, failed, thrifty }) {
      const rows: number[] = []
      const had = new Set(taken)
      let rung: Rung = 'cached'
      const add = (from: Rung, some: ArrayLike<number>) => {
        const before = rows.length
        for (let i = 0; i < some.length && rows.length < need; i++) {
          const row = some[i]
          if (had.has(row) || check(row) !== 0) continue
          had.add(row)
          rows.push(row)
        }
        if (rows.length > before) rung = from
      }
      if (failed) {
        add('cached', cached.find(query))
        if (rows.length < need) add('popular', popular.of(query))
      }
      const enough = thrifty ? Math.min(1, need) : need
      if (rows.length < enough) add('sweep', sweep(query, check, had, need - rows.length))
      return { rows: Uint32Array.from(rows), rung }
    },
    ready(query, check, need) {
      const passing = (rows: ArrayLike<number>) => Uint32Array.from(rows).filter((row) => check(row) === 0)
      const kept = passing(cached.own(query))
      if (kept.length >= need) return { rows: kept, rung: 'cached' }
      if (query.plan.needs !== 'nothing') return undefined
      const liked = passing(popular.of(query))
      return liked.length >= need ? { rows: liked, rung: 'popular' } : undefined
    },
    remember: (query, ranked, picks) => cached.keep(query, ranked, picks),
  }
}
