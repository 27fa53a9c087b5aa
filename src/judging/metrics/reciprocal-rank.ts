import { checkK, type ListMetric } from './contract.ts'

/** RR@k = 1 / rank of the first hit, 0 when it is not in the first k (truncated). The mean over users is MRR@k. */
export const reciprocalRank: ListMetric = {
  name: 'mrr',
  better: 'higher',
  range: [0, 1],
  say: 'one over the rank of the first wanted item',
  at(judged, k) {
    checkK(k)
    if (judged.ideal.length === 0) return null
    for (let i = 0; i < k && i < judged.gains.length; i++) if (judged.gains[i] > 0) return 1 / (i + 1)
    return 0
  },
}
