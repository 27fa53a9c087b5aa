import { auc, type Estimate, judge, ndcg, rankByScore } from '../../../judging/metrics/index.ts'
import { type Calibration, calibrate } from '../../models/index.ts'
import { clusteredAuc, clusteredGaps, clusteredRatio } from '../clustered.ts'
import { type HeadPredictions, headPredictions, type Predictions } from './predict.ts'

const NDCG_AT = 10
const BINS = 15
/** Probabilities of float32 logits nearer to 0 or 1 than this count as this. */
const EPSILON = 1e-7

/** Figures of one head. Null where they are not defined: one class only. */
export interface HeadMetrics {
  /** Known labels, and their mean. */
  readonly known: number
  readonly rate: number
  /** Chance that a positive outscores a negative; labels of one half and more are positive. */
  readonly auc: Estimate | null
  /** The same within each request, weighted by impressions; requests with one class are left out. */
  readonly gauc: Estimate | null
  /** Mean cross entropy in nats; labels may be shares. */
  readonly logloss: Estimate | null
  /** Mean gap between probability and label over 15 bins of equal counts. Its interval is wide: see `clusteredGaps`. */
  readonly ece: Estimate | null
  /** Of requests with something positive; gain is the label. */
  readonly 'ndcg@10': Estimate | null
}

/** Intervals are 95 %, with users as clusters. */
export function headMetrics(predictions: Predictions, head: number, calibration: Calibration): HeadMetrics {
  const of = headPredictions(predictions, head)
  const { logits, labels } = of
  const known = labels.length
  const rate = known === 0 ? 0 : labels.reduce((a, b) => a + b, 0) / known
  const classes = labels.map((label) => (label >= 0.5 ? 1 : 0))
  const probabilities = logits.map((z) => calibrate(calibration, z))
  const clusters = clustersOf(of)
  return {
    known,
    rate,
    auc: clusteredAuc(classes, logits, clusters.of),
    logloss: overClusters(clusters, (i) => crossEntropy(labels[i], probabilities[i])),
    ece: eceOf(labels, probabilities, clusters),
    ...perRequest(of, classes, clusters),
  }
}

/** Figures of every head. */
export function metricsOf(
  predictions: Predictions,
  calibrations: readonly Calibration[],
): Readonly<Record<string, HeadMetrics>> {
  return Object.fromEntries(
    predictions.heads.map((head, h) => [head, headMetrics(predictions, h, calibrations[h] as Calibration)]),
  )
}

/** How well other scores order the same impressions: [n], index-aligned. */
export function orderMetrics(
  predictions: Predictions,
  head: number,
  scores: ArrayLike<number>,
): Pick<HeadMetrics, 'gauc' | 'ndcg@10'> {
  const { count, heads } = predictions
  if (scores.length !== count) throw new RangeError(`Cannot order ${count} impressions by ${scores.length} scores`)
  const logits = new Float32Array(count * heads.length)
  for (let i = 0; i < count; i++) logits[i * heads.length + head] = scores[i]
  const of = headPredictions({ ...predictions, logits }, head)
  const classes = of.labels.map((label) => (label >= 0.5 ? 1 : 0))
  return perRequest(of, classes, clustersOf(of))
}

/** A cluster is a user; each request of a stranger is one of its own. */
interface Clusters {
  readonly of: Int32Array
  readonly count: number
}

function clustersOf({ user, request }: HeadPredictions): Clusters {
  const numbers = new Map<number, number>()
  const of = Int32Array.from(user, (row, i) => {
    const key = row >= 0 ? row : -1 - request[i]
    const number = numbers.get(key) ?? numbers.size
    numbers.set(key, number)
    return number
  })
  return { of, count: numbers.size }
}

function overClusters({ of, count }: Clusters, value: (i: number) => number): Estimate | null {
  const sums = new Float64Array(count)
  const counts = new Float64Array(count)
  for (let i = 0; i < of.length; i++) {
    sums[of[i]] += value(i)
    counts[of[i]]++
  }
  return clusteredRatio(sums, counts)
}

function perRequest(
  { logits, labels, request }: HeadPredictions,
  classes: Float64Array,
  { of, count }: Clusters,
): Pick<HeadMetrics, 'gauc' | 'ndcg@10'> {
  const [aucs, impressions, gains, lists] = Array.from({ length: 4 }, () => new Float64Array(count)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ]
  for (let start = 0; start < request.length; ) {
    let end = start
    while (end < request.length && request[end] === request[start]) end++
    const cluster = of[start]
    const within = auc(classes.subarray(start, end), logits.subarray(start, end))
    if (within !== null) {
      aucs[cluster] += within * (end - start)
      impressions[cluster] += end - start
    }
    const places = Array.from({ length: end - start }, (_, i) => i)
    const ranked = rankByScore(places, logits.subarray(start, end))
    const gain = ndcg.at(judge(ranked, new Map(places.map((i) => [i, labels[start + i]]))), NDCG_AT)
    if (gain !== null) {
      gains[cluster] += gain
      lists[cluster]++
    }
    start = end
  }
  return { gauc: clusteredRatio(aucs, impressions), 'ndcg@10': clusteredRatio(gains, lists) }
}

function crossEntropy(label: number, probability: number): number {
  const p = Math.min(1 - EPSILON, Math.max(EPSILON, probability))
  return -label * Math.log(p) - (1 - label) * Math.log1p(-p)
}

/** Expected calibration error over bins of equal counts, as the judge has it, but for labels that may be shares. */
function eceOf(labels: Float64Array, probabilities: Float64Array, { of, count }: Clusters): Estimate | null {
  const order = Uint32Array.from({ length: labels.length }, (_, i) => i)
  order.sort((a, b) => probabilities[a] - probabilities[b] || a - b)
  const gaps = new Float64Array(count * BINS)
  const counts = new Float64Array(count)
  for (let bin = 0; bin < BINS; bin++) {
    const part = order.subarray(Math.floor((bin * order.length) / BINS), Math.floor(((bin + 1) * order.length) / BINS))
    for (const i of part) {
      gaps[of[i] * BINS + bin] += probabilities[i] - labels[i]
      counts[of[i]]++
    }
  }
  return clusteredGaps(gaps, counts)
}
