/**
 * What HR@k would be expected to say of an item whose true rank is `rank` among `catalogue` items, were it ranked
 * against `negatives` items drawn uniformly with replacement: P(Binomial(negatives, (rank - 1) / (catalogue - 1)) < k)
 * (Krichene and Rendle, KDD'20). It is 1 far below the true rank k, so sampled hit rates cannot order models:
 * nothing in this house ranks against a sample. Kept for showing why.
 */
export function sampledHitRate(rank: number, k: number, negatives: number, catalogue: number): number {
  const p = (rank - 1) / (catalogue - 1)
  if (p <= 0) return 1
  if (p >= 1) return negatives < k ? 1 : 0
  let term = (1 - p) ** negatives
  let sum = term
  for (let hits = 1; hits < Math.min(k, negatives + 1); hits++) {
    term *= ((negatives - hits + 1) / hits) * (p / (1 - p))
    sum += term
  }
  return Math.min(1, sum)
}
