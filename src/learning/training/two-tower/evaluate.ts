import type { Estimate } from '../../../judging/metrics/index.ts'
import type { Dataset } from '../../../stream/samples/index.ts'
import type { TwoTowerEncoder } from '../../models/index.ts'
import { clusteredRatio } from '../clustered.ts'
import type { Examples } from './examples.ts'

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
 * Full ranking: the rank of each case's item among all `catalogue` items but those of the viewer's history; ties count
 * against it. Intervals are 95 %, with users as clusters.
 *
 * @param counts positives per item row in training
 */
export function retrievalMetrics(
  cases: Examples,
  users: Int32Array,
  ranks: Uint32Array,
  counts: ArrayLike<number>,
): RetrievalMetrics {
  const met = Array.from({ length: counts.length }, (_, item) => counts[item]).filter((count) => count > 0)
  const often = met.sort((a, b) => b - a)[Math.floor(met.length / 10)] ?? 1
  const mean = (value: (rank: number) => number, fits: (count: number) => boolean = () => true): Estimate | null => {
    const sums = new Map<number, [sum: number, count: number]>()
    for (let i = 0; i < ranks.length; i++) {
      if (!fits(counts[cases.item[i]] ?? 0)) continue
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
    'ndcg@10': mean((rank) => (rank <= 10 ? 1 / Math.log2(rank + 1) : 0)),
    headRecall100: mean(within(100), (count) => count >= often),
    tailRecall100: mean(within(100), (count) => count < often && count > 0),
    newRecall100: mean(within(100), (count) => count === 0),
    cases: ranks.length,
  }
}

/** Users encoded and ranked at once. */
const PART = 256

/** The rank, from 1, of each case's item among the catalogue by the towers' inner product. */
export async function ranksByTowers(
  encoder: TwoTowerEncoder,
  samples: Dataset,
  cases: Examples,
  catalogue: Uint32Array,
): Promise<Uint32Array> {
  const vectors = await encoder.encodeItems(catalogue)
  const ranks = new Uint32Array(cases.item.length)
  const { units } = encoder
  for (let from = 0; from < ranks.length; from += PART) {
    const to = Math.min(ranks.length, from + PART)
    const requests = Array.from({ length: to - from }, (_, i) => samples.request(cases.request[from + i]))
    const users = await encoder.encodeUsers(requests)
    for (let i = from; i < to; i++) {
      const user = users.subarray((i - from) * units, (i - from + 1) * units)
      const seen = new Set(requests[i - from]?.history.items)
      ranks[i] = rankAmong(catalogue, cases.item[i], seen, (place) => dot(user, vectors, place * units))
    }
  }
  return ranks
}

/** The same for scores that do not depend on the viewer, such as popularity. */
export function ranksByScores(
  samples: Dataset,
  cases: Examples,
  catalogue: Uint32Array,
  score: (item: number) => number,
): Uint32Array {
  return Uint32Array.from(cases.item, (item, i) => {
    const seen = new Set(samples.request(cases.request[i]).history.items)
    return rankAmong(catalogue, item, seen, (place) => score(catalogue[place]))
  })
}

function rankAmong(
  catalogue: Uint32Array,
  item: number,
  seen: ReadonlySet<number>,
  score: (place: number) => number,
): number {
  const own = catalogue.indexOf(item)
  if (own < 0) return 0xffff_ffff
  const wanted = score(own)
  let rank = 1
  for (let place = 0; place < catalogue.length; place++)
    if (place !== own && !seen.has(catalogue[place]) && score(place) >= wanted) rank++
  return rank
}

function dot(a: Float32Array, b: Float32Array, at: number): number {
  let sum = 0
  for (let d = 0; d < a.length; d++) sum += a[d] * b[at + d]
  return sum
}
