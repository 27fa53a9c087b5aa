import { auc, type Estimate } from '../../../judging/metrics/index.ts'
import type { Dataset } from '../../../stream/samples/index.ts'
import type { RankingScorer } from '../../models/index.ts'
import { clusteredRatio } from '../clustered.ts'
import type { Predictions } from './predict.ts'

/** What a model that serves says of logged requests, one request at a time, as serving asks it: [n x heads] logits. */
export async function scoredBy(
  scorer: RankingScorer,
  samples: Dataset,
  requestNumbers: Uint32Array,
): Promise<Float32Array> {
  const parts: Float32Array[] = []
  const columns = columnsFor(scorer, samples)
  for (const number of requestNumbers) {
    const { user, at, surface, history, items, features } = samples.request(number)
    parts.push(
      await scorer.logits({ user, at, surface, history, candidates: items, features: columns(features, items.length) }),
    )
  }
  const out = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

/** Picks a model's columns out of rows of all. */
function columnsFor({ manifest }: RankingScorer, { header, width }: Dataset) {
  const places = manifest.spec.columns.map(({ name }) => header.featureNames.indexOf(name))
  const all = places.length === width && places.every((place, i) => place === i)
  return (features: Float32Array, rows: number): Float32Array =>
    all
      ? features
      : Float32Array.from(
          { length: rows * places.length },
          (_, i) => features[Math.floor(i / places.length) * width + (places[i % places.length] as number)],
        )
}

/** The same beside the labels, to take figures from. */
export async function predictionsBy(
  scorer: RankingScorer,
  samples: Dataset,
  requestNumbers: Uint32Array,
): Promise<Predictions> {
  const { heads } = scorer.manifest.spec
  const logits = await scoredBy(scorer, samples, requestNumbers)
  const count = logits.length / heads.length
  const out = {
    ...{ heads, count, logits },
    labels: new Float32Array(logits.length),
    known: new Uint8Array(logits.length),
    request: new Int32Array(count),
    user: new Int32Array(count),
  }
  let at = 0
  for (const number of requestNumbers) {
    const { items, labels, known, user } = samples.request(number)
    out.labels.set(labels, at * heads.length)
    for (let i = 0; i < items.length; i++, at++) {
      out.request[at] = number
      out.user[at] = user
      for (let head = 0; head < heads.length; head++) out.known[at * heads.length + head] = (known[i] >> head) & 1
    }
  }
  return out
}

/**
 * Per-request AUC of a model minus that of another on the same requests, weighted by impressions, with a 95 % interval over
 * users, and how many of those. Two models may differ surely though their own intervals overlap. Null where no request has both
 * classes.
 *
 * @param other [n] scores of the same impressions
 */
export function gaucDifference(
  predictions: Predictions,
  head: number,
  other: Float32Array,
): { readonly difference: Estimate | null; readonly users: number } {
  const { count, heads, logits, labels, known, request, user } = predictions
  if (other.length !== count) throw new RangeError(`Cannot compare ${count} impressions with ${other.length}`)
  const width = heads.length
  const clusters = new Map<number, [sum: number, count: number]>()
  for (let start = 0; start < count; ) {
    let end = start
    while (end < count && request[end] === request[start]) end++
    const rows = range(start, end).filter((i) => known[i * width + head] === 1)
    const classes = rows.map((i) => (labels[i * width + head] >= 0.5 ? 1 : 0))
    const own = auc(
      classes,
      rows.map((i) => logits[i * width + head]),
    )
    const others = auc(
      classes,
      rows.map((i) => other[i]),
    )
    if (own !== null && others !== null) {
      const key = user[start] >= 0 ? user[start] : -1 - request[start]
      const held = clusters.get(key) ?? [0, 0]
      clusters.set(key, [held[0] + (own - others) * rows.length, held[1] + rows.length])
    }
    start = end
  }
  const all = [...clusters.values()]
  const difference = clusteredRatio(
    all.map(([sum]) => sum),
    all.map(([, n]) => n),
  )
  return { difference, users: all.length }
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i)
