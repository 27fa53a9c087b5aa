import { hitsAt, type ListMetric } from './contract.ts'

/** recall@k = hits in the first k / R. With R > k it cannot reach 1; see `recallCapped`. Manning et al., IIR 8.4. */
export const recall: ListMetric = {
  name: 'recall',
  better: 'higher',
  range: [0, 1],
  say: 'share of the wanted items that are in the first k',
  at: (judged, k) => (judged.ideal.length === 0 ? null : hitsAt(judged, k) / judged.ideal.length),
}
