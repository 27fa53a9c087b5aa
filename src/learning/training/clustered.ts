import { Random } from '../../foundation/base/index.ts'
import { type Estimate, quantile } from '../../judging/metrics/index.ts'

/** 95 % of a normal law. */
const Z = 1.959964
const DRAWS = 400

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
 * @throws RangeError for a NaN score
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
    if (Number.isNaN(scores[i])) throw new RangeError(`Cannot rank score ${i}: it is NaN`)
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

/**
 * Sum over bins of absolute mean gaps, as a calibration error is, with an interval. Noise makes such a sum greater than it
 * is, most where it is near 0, and intervals of resampled sums miss it there. But | |a| - |b| | <= |a - b|: the sum is off by
 * the summed absolute noise of its bins at most. Its 95 % quantile is drawn by giving each cluster's deviation from the
 * gaps a random sign (wild bootstrap: Wu 1986, "Jackknife, bootstrap and other resampling methods in regression analysis").
 * So the interval holds at least as often as it says. Null without a count.
 *
 * @param gaps [clusters x bins] sum of the gaps of a cluster in a bin
 * @param counts [clusters]
 */
export function clusteredGaps(gaps: Float64Array, counts: ArrayLike<number>): Estimate | null {
  const clusters = counts.length
  const bins = clusters === 0 ? 0 : gaps.length / clusters
  const means = new Float64Array(bins)
  let count = 0
  for (let c = 0; c < clusters; c++) {
    count += counts[c]
    for (let b = 0; b < bins; b++) means[b] += gaps[c * bins + b]
  }
  if (count === 0) return null
  const value = means.reduce((sum, mean) => sum + Math.abs(mean), 0) / count
  if (clusters < 2) return { value, low: null, high: null }
  const deviations = gaps.map((gap, i) => gap - ((means[i % bins] as number) / count) * counts[Math.floor(i / bins)])
  const random = new Random('gaps')
  const noises = Array.from({ length: DRAWS }, () => signed(deviations, bins, random) / count).sort((a, b) => a - b)
  const scale = Math.sqrt(clusters / (clusters - 1))
  const most = scale * (quantile(Float64Array.from(noises), 0.95) ?? Number.NaN)
  return { value, low: Math.max(0, value - most), high: Math.min(1, value + most) }
}

/** Summed absolute sums over clusters, each with a random sign. */
function signed(deviations: Float64Array, bins: number, random: Random): number {
  const sums = new Float64Array(bins)
  let bits = 0
  for (let from = 0, c = 0; from < deviations.length; from += bins, c++) {
    bits = c % 32 === 0 ? random.uint32() : bits >>> 1
    if ((bits & 1) === 1) for (let b = 0; b < bins; b++) sums[b] += deviations[from + b]
    else for (let b = 0; b < bins; b++) sums[b] -= deviations[from + b]
  }
  return sums.reduce((sum, one) => sum + Math.abs(one), 0)
}

function around(value: number, variance: number): Estimate {
  const half = Z * Math.sqrt(Math.max(0, variance))
  return { value, low: value - half, high: value + half }
}
