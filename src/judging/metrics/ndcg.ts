import { checkK, type Judged, type ListMetric } from './contract.ts'

export interface NdcgOptions {
  /** `linear`: the gain itself (Järvelin and Kekäläinen 2002). `exp2`: 2^gain - 1 (Burges et al. 2005). */
  readonly gain?: 'linear' | 'exp2'
}

/**
 * nDCG@k = DCG@k / IDCG@k, DCG = sum of gain / log2(rank + 1). The ideal list is made of everything that was wanted,
 * listed or not, cut at min(k, R): a perfect list scores 1 even when R < k.
 */
export function ndcgOf({ gain = 'linear' }: NdcgOptions = {}): ListMetric {
  const worth = gain === 'linear' ? (value: number) => value : (value: number) => 2 ** value - 1
  const dcg = (gains: ArrayLike<number>, k: number): number => {
    let sum = 0
    for (let i = 0; i < k && i < gains.length; i++) if (gains[i] > 0) sum += worth(gains[i]) / Math.log2(i + 2)
    return sum
  }
  return {
    name: gain === 'linear' ? 'ndcg' : 'ndcg-exp2',
    better: 'higher',
    range: [0, 1],
    say: 'wanted items, counting less the lower they stand, as a share of the best order',
    at(judged: Judged, k: number) {
      checkK(k)
      return judged.ideal.length === 0 ? null : dcg(judged.gains, k) / dcg(judged.ideal, k)
    },
  }
}

export const ndcg = ndcgOf()
