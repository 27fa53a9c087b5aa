import { type Check, checkOf, type Filter, type Query } from '../pipeline/index.ts'
import { type Found, searchMost, type VectorIndex } from '../vectors/index.ts'

/** Of so many of those found, evenly from best to last, the share that passes tells whether a request is narrow. */
const LOOKED_AT = 32
/** A request of which fewer pass is narrow. */
const NARROW_BELOW = 0.25
/** Rows a narrow search asks the filters about at most, nearest cells first: some 5 ms of the thread that serves. */
export const ASKED_MAX = 30_000

/** What narrows a search. */
export interface Eligible {
  /** May this row be found? Nearly all may. */
  readonly allow: (row: number) => boolean
  /** How many at most are not allowed. */
  readonly few: number
  readonly filters: readonly Filter[]
  readonly query: Query
  /** The item row of a row of the index. Default: the same. */
  readonly itemOf?: (row: number) => number
}

/**
 * The `k` best that are allowed. Filters have their say after retrieval, which is cheaper, for they then look at the
 * candidates alone. But where they leave little of what was found, such as by a rule that one item in a hundred meets,
 * the best of what is left lies further away: the index is then searched for what passes them.
 */
export function searchEligible(
  index: Pick<VectorIndex, 'search'>,
  vector: Float32Array,
  k: number,
  { allow, few, filters, query, itemOf = same }: Eligible,
): Found {
  const found = searchMost(index, vector, k, allow, few)
  const check = checkOf(filters, query)
  if (!isNarrow(found.rows, (row) => check(itemOf(row)))) return found
  let asked = 0
  return index.search(vector, k, { allow: (row) => asked++ < ASKED_MAX && allow(row) && check(itemOf(row)) === 0 })
}

function isNarrow(rows: Uint32Array, check: Check): boolean {
  const some = Math.min(LOOKED_AT, rows.length)
  let passing = 0
  for (let i = 0; i < some; i++) if (check(rows[Math.floor((i * rows.length) / some)]) === 0) passing++
  return passing < some * NARROW_BELOW
}

const same = (row: number): number => row
