import { hitsAt, type ListMetric } from './contract.ts'

/** precision@k = hits in the first k / k. A list shorter than k is not forgiven: the empty places are misses. */
export const precision: ListMetric = {
  name: 'precision',
  better: 'higher',
  range: [0, 1],
  say: 'share of the first k places that hold a wanted item',
  at: (judged, k) => (judged.ideal.length === 0 ? null : hitsAt(judged, k) / k),
}
