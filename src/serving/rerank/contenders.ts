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
    categories: Array.from(rows, (row) => withoutRepeats(facts.categoriesOf(row))),
  }
}

/** The keys themselves unless one comes twice; they are a handful. */
function withoutRepeats(keys: ArrayLike<number>): ArrayLike<number> {
  for (let i = 1; i < keys.length; i++)
    for (let j = 0; j < i; j++) if (keys[i] === keys[j]) return [...new Set(Array.from(keys))]
  return keys
}
