import { checkK, type ListMetric } from './contract.ts'

/**
 * AP@k = sum over hits in the first k of precision@(its rank), divided by min(k, R), so that a perfect list scores 1
 * at every k. Others divide by R (trec_eval, ranx), by the hits (TorchMetrics) or by k: their figures are not
 * comparable. The mean over users is MAP@k.
 */
export const averagePrecision: ListMetric = {
  name: 'map',
  better: 'higher',
  range: [0, 1],
  say: 'precision averaged over the wanted items, divided by min(k, R)',
  at(judged, k) {
    checkK(k)
    if (judged.ideal.length === 0) return null
    let hits = 0
    let sum = 0
    for (let i = 0; i < k && i < judged.gains.length; i++) {
      if (judged.gains[i] > 0) sum += ++hits / (i + 1)
    }
    return sum / Math.min(k, judged.ideal.length)
  },
}
