import { checkK, type MetricSpec } from './contract.ts'

export const noveltySpec: MetricSpec = {
  name: 'novelty',
  better: 'higher',
  range: [0, Number.POSITIVE_INFINITY],
  say: 'mean information of the listed items, in bits: rarely consumed ones say more',
}

/**
 * MIUF@k = mean over the first k of -log2(users who consumed the item / users) (Zhou et al., PNAS 2010). An item
 * nobody consumed counts as consumed by one user. Count before the test period only. Null for an empty list or no users.
 */
export function novelty<Id>(
  ranked: ArrayLike<Id>,
  k: number,
  consumers: (id: Id) => number,
  users: number,
): number | null {
  checkK(k)
  const n = Math.min(k, ranked.length)
  if (n === 0 || users <= 0) return null
  let sum = 0
  for (let i = 0; i < n; i++) sum -= Math.log2(Math.max(1, consumers(ranked[i])) / users)
  return sum / n
}
