import type { Candidates, Query } from '../pipeline/index.ts'

/** The rank at which a source's word counts half. */
const HALF_RANK = 10

/**
 * How strongly one source speaks for a candidate, 0 to 1, from its rank in the source's own list: 1 for the first,
 * one half for the eleventh, 0 where the source did not propose it. Ranks, because the scores of sources have no
 * common scale; and because a rank, unlike a score squeezed into the range of the set, does not change when other
 * candidates come or go.
 */
export function evidenceOf(rank: number): number {
  return rank === 0 ? 0 : HALF_RANK / (HALF_RANK + rank - 1)
}

/** Weights of the set's sources as shares of all sources of the surface, whether they answered or not: sum at most 1. */
export function sourceShares(query: Query, candidates: Candidates): Float64Array {
  const { sources } = query.plan
  const total = Object.values(sources).reduce((sum, { weight }) => sum + weight, 0)
  return Float64Array.from(candidates.sources, (name) => (total > 0 ? (sources[name]?.weight ?? 0) / total : 0))
}

/** What all sources say together, 0 to 1: the sum of shares x evidence. */
export function totalEvidence(candidates: Candidates, shares: Float64Array, index: number): number {
  let sum = 0
  const start = index * shares.length
  for (let s = 0; s < shares.length; s++) sum += shares[s] * evidenceOf(candidates.sourceRanks[start + s])
  return sum
}
