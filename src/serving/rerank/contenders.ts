import type { Candidates, Check, ItemFacts } from '../pipeline/index.ts'
import { relevanceOf } from './relevance.ts'

/** What may go on the slate: the ranked candidates that pass policy now, best first, with the facts that rules need. */
export interface Contenders {
  readonly count: number
  /** [count] index into the ranked candidates. */
  readonly indices: Uint32Array
  /** [count] item row. */
  readonly rows: Uint32Array
  /** [count] in (0, 1], see `relevanceOf`. */
  readonly relevance: Float64Array
  /** The creator, or nothing when unknown. */
  readonly creators: readonly (readonly number[])[]
  /** Each category once. */
  readonly categories: readonly ArrayLike<number>[]
}

const NOBODY: readonly number[] = []

export function contendersOf(ranked: Candidates, policy: Check, facts: ItemFacts): Contenders {
  const passing: number[] = []
  for (let index = 0; index < ranked.count; index++) if (policy(ranked.rows[index]) === 0) passing.push(index)
  const rows = Uint32Array.from(passing, (index) => ranked.rows[index])
  return {
    count: passing.length,
    indices: Uint32Array.from(passing),
    rows,
    relevance: relevanceOf(passing.map((index) => ranked.scores[index])),
    creators: Array.from(rows, (row) => {
      const creator = facts.creatorOf(row)
      return creator < 0 ? NOBODY : [creator]
    }),
    categories: Array.from(rows, (row) => {
      const categories = facts.categoriesOf(row)
      return categories.length > 1 ? [...new Set(Array.from(categories))] : categories
    }),
  }
}
