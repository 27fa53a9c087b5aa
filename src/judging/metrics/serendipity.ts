import { checkK, type MetricSpec } from './contract.ts'

export const serendipitySpec: MetricSpec = {
  name: 'serendipity',
  better: 'higher',
  range: [0, 1],
  say: 'wanted items that popularity would not have put there',
}

/**
 * Mean over the listed first k of rel * max(P_user - P_any, 0), P_user = (n + 1 - rank) / n, P_any = (n + 1 - popularity
 * rank) / n, n the catalogue's size (the variant of RecTools). `popularityRank` is dense, from 1 (items consumed equally
 * often share a rank), before the test period; 0 for an item never consumed, whose P_any is 0. Null for an empty list.
 */
export function serendipity<Id>(
  ranked: ArrayLike<Id>,
  relevant: { has(id: Id): boolean },
  k: number,
  popularityRank: (id: Id) => number,
  catalogue: number,
): number | null {
  checkK(k)
  const n = Math.min(k, ranked.length)
  if (n === 0) return null
  let sum = 0
  for (let i = 0; i < n; i++) {
    if (!relevant.has(ranked[i])) continue
    const popular = popularityRank(ranked[i])
    const any = popular > 0 ? (catalogue + 1 - popular) / catalogue : 0
    sum += Math.max(0, (catalogue - i) / catalogue - any)
  }
  return sum / n
}

/** Dense popularity ranks, from 1, of counts by row; 0 for a count of 0. */
export function densePopularityRanks(counts: ArrayLike<number>): Uint32Array {
  const levels = [...new Set(Array.from(counts))].filter((count) => count > 0).sort((a, b) => b - a)
  const rankOf = new Map(levels.map((count, i) => [count, i + 1]))
  return Uint32Array.from(counts, (count) => rankOf.get(count) ?? 0)
}
