import type { Judged } from './contract.ts'

export type Key = string | number

/** By value for numbers, by code unit for texts: the same on every machine, unlike a locale's order. */
const byId = (a: Key, b: Key): number => (a < b ? -1 : a > b ? 1 : 0)

/**
 * Orders ids by score, highest first; equal scores by id ascending, so that the result never depends on the order of
 * the input or on how stable a sort is. An id that comes twice keeps its best place.
 * @throws RangeError for a NaN score or for lengths that differ
 */
export function rankByScore<Id extends Key>(ids: ArrayLike<Id>, scores: ArrayLike<number>): Id[] {
  if (ids.length !== scores.length) throw new RangeError(`Cannot rank ${ids.length} ids by ${scores.length} scores`)
  const order = Array.from({ length: ids.length }, (_, i) => {
    if (Number.isNaN(scores[i])) throw new RangeError(`Cannot rank id ${ids[i]}: its score is NaN`)
    return i
  })
  order.sort((a, b) => (scores[a] === scores[b] ? byId(ids[a], ids[b]) : scores[b] > scores[a] ? 1 : -1))
  return [...new Set(order.map((i) => ids[i]))]
}

/**
 * Holds a ranked list, best first, against what was wanted. Of duplicates the first is kept. `relevant` is a set
 * (gain 1 each) or a map to graded gains; gains that are not above 0 count as not wanted.
 */
export function judge<Id>(ranked: Iterable<Id>, relevant: ReadonlySet<Id> | ReadonlyMap<Id, number>): Judged {
  const graded = 'get' in relevant ? relevant : undefined
  const gain = (id: Id): number => (graded ? Math.max(0, graded.get(id) ?? 0) : relevant.has(id) ? 1 : 0)
  const gains = Array.from(new Set(ranked), gain)
  const ideal = Array.from(relevant.keys(), gain).filter((value) => value > 0)
  return { gains, ideal: ideal.sort((a, b) => b - a) }
}
