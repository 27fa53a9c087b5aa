import type { Estimate } from '../../../judging/metrics/index.ts'
import { Vectors } from '../../embeddings/index.ts'
import type { TwoTowerEncoder } from '../../models/index.ts'
import { clusteredRatio } from '../clustered.ts'
import type { RetrievalCases } from './cases.ts'

export interface RetrievalMetrics {
  readonly 'recall@10': Estimate | null
  readonly 'recall@100': Estimate | null
  readonly 'ndcg@10': Estimate | null
  /** Among the cases whose item is one of the most frequent tenth in training, and of the others. */
  readonly headRecall100: Estimate | null
  readonly tailRecall100: Estimate | null
  /** Of items nobody had met in training: what content alone finds. */
  readonly newRecall100: Estimate | null
  readonly cases: number
}

/**
 * Full ranking: the rank of each case's item among all `catalogue` items but those seen; ties count against it. Intervals are 95 %, with users as clusters.
 *
 * @param counts positives per item row in training
 */
export function retrievalMetrics(
  { wanted, users }: Pick<RetrievalCases, 'wanted' | 'users'>,
  ranks: Uint32Array,
  counts: ArrayLike<number>,
): RetrievalMetrics {
  const met = Array.from({ length: counts.length }, (_, item) => counts[item]).filter((count) => count > 0)
  const often = met.sort((a, b) => b - a)[Math.floor(met.length / 10)] ?? 1
  const mean = (value: (rank: number) => number, fits: (count: number) => boolean = () => true): Estimate | null => {
    const sums = new Map<number, [sum: number, count: number]>()
    for (let i = 0; i < ranks.length; i++) {
      if (!fits(counts[wanted[i]] ?? 0)) continue
      const held = sums.get(users[i]) ?? [0, 0]
      sums.set(users[i], [held[0] + value(ranks[i]), held[1] + 1])
    }
    const all = [...sums.values()]
    return clusteredRatio(
      all.map(([sum]) => sum),
      all.map(([, count]) => count),
    )
  }
  const within = (k: number) => (rank: number) => (rank <= k ? 1 : 0)
  return {
    'recall@10': mean(within(10)),
    'recall@100': mean(within(100)),
    'ndcg@10': mean(worthAt(10)),
    headRecall100: mean(within(100), (count) => count >= often),
    tailRecall100: mean(within(100), (count) => count < often && count > 0),
    newRecall100: mean(within(100), (count) => count === 0),
    cases: ranks.length,
  }
}

/** The rank of what is not ranked at all. */
export const LAST_RANK = 0xffff_ffff
/** Users encoded and ranked at once. */
const PART = 256

/** The rank, from 1, of each case's item among the catalogue by the towers' inner product. */
export async function ranksByTowers(
  encoder: TwoTowerEncoder,
  cases: RetrievalCases,
  catalogue: Uint32Array,
): Promise<Uint32Array> {
  const { units } = encoder
  const vectors = new Vectors(catalogue.length, units)
  vectors.set(await encoder.encodeItems(catalogue))
  const places = placesOf(catalogue)
  const ranks = new Uint32Array(cases.wanted.length)
  for (let from = 0; from < ranks.length; from += PART) {
    const to = Math.min(ranks.length, from + PART)
    const requests = Array.from({ length: to - from }, (_, i) => cases.request(from + i))
    const users = await encoder.encodeUsers(requests)
    for (let i = from; i < to; i++) {
      const scores = vectors.scores(users.subarray((i - from) * units, (i - from + 1) * units))
      ranks[i] = rankAmong(scores, places, cases, i)
    }
  }
  return ranks
}

/** The same for scores that do not depend on the viewer, such as popularity. */
export function ranksByScores(
  cases: RetrievalCases,
  catalogue: Uint32Array,
  score: (item: number) => number,
): Uint32Array {
  const scores = Float32Array.from(catalogue, score)
  const places = placesOf(catalogue)
  return cases.wanted.map((_, i) => rankAmong(scores, places, cases, i))
}

/** 1 / log2(rank + 1) down to a rank of k, else 0: what a single wanted item is worth to NDCG@k. */
export const worthAt = (k: number) => (rank: number) => (rank <= k ? 1 / Math.log2(rank + 1) : 0)

function placesOf(catalogue: Uint32Array): ReadonlyMap<number, number> {
  return new Map(Array.from(catalogue, (row, place) => [row, place]))
}

/**
 * Ties count against the item; what is left out counts not at all. One that is not ranked, or whose score is no number, has
 * the last place there is.
 */
function rankAmong(
  scores: Float32Array,
  places: ReadonlyMap<number, number>,
  cases: RetrievalCases,
  index: number,
): number {
  const item = cases.wanted[index]
  const own = places.get(item)
  const wanted = own === undefined ? Number.NaN : scores[own]
  if (Number.isNaN(wanted)) return LAST_RANK
  const seen = new Set(cases.seen(index))
  const there = cases.there?.(index)
  let rank = 1
  for (const [row, place] of places)
    if (scores[place] >= wanted && place !== own && !seen.has(row) && there?.(row) !== false) rank++
  return rank
}
