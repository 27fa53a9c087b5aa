import type { MetricSpec } from './contract.ts'

export const aucSpec: MetricSpec = {
  name: 'auc',
  better: 'higher',
  range: [0, 1],
  say: 'chance that a positive outscores a negative, ties counting half',
}

/**
 * AUC = P(s+ > s-) + P(s+ = s-) / 2, by midranks (Mann-Whitney U): (sum of positive ranks - P(P+1)/2) / (P N).
 * `labels`: above 0 is positive. Null when only one class is there: undefined, not one half.
 * @throws RangeError for lengths that differ or a NaN score
 */
export function auc(labels: ArrayLike<number>, scores: ArrayLike<number>): number | null {
  const n = labels.length
  if (n !== scores.length) throw new RangeError(`Cannot hold ${scores.length} scores against ${n} labels`)
  const order = new Uint32Array(n)
  for (let i = 0; i < n; i++) {
    if (Number.isNaN(scores[i])) throw new RangeError(`Cannot rank score ${i}: it is NaN`)
    order[i] = i
  }
  order.sort((a, b) => (scores[a] < scores[b] ? -1 : scores[a] > scores[b] ? 1 : 0))
  let positives = 0
  let rankSum = 0
  for (let start = 0; start < n; ) {
    let end = start
    let tied = 0
    while (end < n && scores[order[end]] === scores[order[start]]) if (labels[order[end++]] > 0) tied++
    positives += tied
    rankSum += (tied * (start + 1 + end)) / 2 // ranks start+1 .. end share their middle
    start = end
  }
  const negatives = n - positives
  if (positives === 0 || negatives === 0) return null
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives)
}
