import { hitsAt, type ListMetric } from './contract.ts'

/** HR@k = 1 when any of the first k was wanted, else 0. Its mean over users is a share of users. */
export const hitRate: ListMetric = {
  name: 'hr',
  better: 'higher',
  range: [0, 1],
  say: 'share of users who find anything wanted in the first k',
  at: (judged, k) => (judged.ideal.length === 0 ? null : hitsAt(judged, k) > 0 ? 1 : 0),
}
