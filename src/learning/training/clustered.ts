import type { Estimate } from '../../judging/metrics/index.ts'

/** 95 % of a normal law. */
const Z = 1.959964

/**
 * Interval of a ratio sum(sums) / sum(counts) over clusters that are independent of each other (users), by linearisation:
 * variance = C / (C - 1) sum (s_c - r n_c)^2 / (sum n)^2 (Cochran 1977, section 6.3). Null without a count.
 */
export function clusteredRatio(sums: ArrayLike<number>, counts: ArrayLike<number>): Estimate | null {
  let sum = 0
  let count = 0
  let clusters = 0
  for (let c = 0; c < sums.length; c++) {
    sum += sums[c]
    count += counts[c]
    if (counts[c] > 0) clusters++
  }
  if (count === 0) return null
  const value = sum / count
  if (clusters < 2) return { value, low: null, high: null }
  let square = 0
  for (let c = 0; c < sums.length; c++) square += (sums[c] - value * counts[c]) ** 2
  return around(value, ((clusters / (clusters - 1)) * square) / count ** 2)
}

/**
 * AUC with an interval that knows that a user's impressions are not independent: Obuchowski 1997, "Nonparametric
 * analysis of clustered ROC curve data" (DeLong's structural components, summed by cluster). Null for one class only.
 *
 * @param clusters number of each sample's cluster, 0 and up
 */
export function clusteredAuc(
  labels: ArrayLike<number>,
  scores: ArrayLike<number>,
  clusters: ArrayLike<number>,
): Estimate | null {
  const n = labels.length
  const order = Uint32Array.from({ length: n }, (_, i) => i).sort((a, b) => scores[a] - scores[b])
  let positives = 0
  let clusterCount = 0
  for (let i = 0; i < n; i++) {
    if (labels[i] > 0) positives++
    clusterCount = Math.max(clusterCount, clusters[i] + 1)
  }
  const negatives = n - positives
  if (positives === 0 || negatives === 0) return null
  const part = Array.from({ length: 4 }, () => new Float64Array(clusterCount))
  const [wins, ofPositives, losses, ofNegatives] = part as [Float64Array, Float64Array, Float64Array, Float64Array]
  let [positivesBelow, negativesBelow, total] = [0, 0, 0]
  for (let start = 0; start < n; ) {
    let end = start
    let tiedPositives = 0
    while (end < n && scores[order[end]] === scores[order[start]]) if (labels[order[end++]] > 0) tiedPositives++
    const tiedNegatives = end - start - tiedPositives
    const won = (negativesBelow + tiedNegatives / 2) / negatives // share of the negatives that a positive here beats
    const lost = 1 - (positivesBelow + tiedPositives / 2) / positives
    for (let i = start; i < end; i++) {
      const cluster = clusters[order[i]]
      if (labels[order[i]] > 0) {
        wins[cluster] += won
        ofPositives[cluster]++
        total += won
      } else {
        losses[cluster] += lost
        ofNegatives[cluster]++
      }
    }
    positivesBelow += tiedPositives
    negativesBelow += tiedNegatives
    start = end
  }
  const value = total / positives
  let [square10, square01, product, with10, with01] = [0, 0, 0, 0, 0]
  for (let c = 0; c < clusterCount; c++) {
    const x = wins[c] - ofPositives[c] * value
    const y = losses[c] - ofNegatives[c] * value
    square10 += x * x
    square01 += y * y
    product += x * y
    if (ofPositives[c] > 0) with10++
    if (ofNegatives[c] > 0) with01++
  }
  if (with10 < 2 || with01 < 2) return { value, low: null, high: null }
  const s10 = ((with10 / (with10 - 1)) * square10) / positives
  const s01 = ((with01 / (with01 - 1)) * square01) / negatives
  const s11 = (clusterCount / (clusterCount - 1)) * product
  return around(value, s10 / positives + s01 / negatives + (2 * s11) / (positives * negatives))
}

function around(value: number, variance: number): Estimate {
  const half = Z * Math.sqrt(Math.max(0, variance))
  return { value, low: value - half, high: value + half }
}
