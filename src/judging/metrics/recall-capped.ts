import { hitsAt, type ListMetric } from './contract.ts'

/** hits in the first k / min(k, R): recall that a perfect list always brings to 1 (Liang et al., Mult-VAE, WWW'18). */
export const recallCapped: ListMetric = {
  name: 'recall-capped',
  better: 'higher',
  range: [0, 1],
  say: 'hits in the first k, as a share of the most there could be',
  at: (judged, k) => (judged.ideal.length === 0 ? null : hitsAt(judged, k) / Math.min(k, judged.ideal.length)),
}
