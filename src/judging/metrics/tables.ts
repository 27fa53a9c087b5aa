import { aucSpec } from './auc.ts'
import { averagePrecision } from './average-precision.ts'
import { calibrationErrorSpec } from './calibration-error.ts'
import type { ListMetric, MetricSpec } from './contract.ts'
import { coverageSpec } from './coverage.ts'
import { entropySpec } from './entropy.ts'
import { gaucSpec } from './gauc.ts'
import { giniSpec } from './gini.ts'
import { hitRate } from './hit-rate.ts'
import { ildSpec } from './intra-list-diversity.ts'
import { logLossSpec } from './log-loss.ts'
import { ndcg } from './ndcg.ts'
import { noveltySpec } from './novelty.ts'
import { precision } from './precision.ts'
import { recall } from './recall.ts'
import { recallCapped } from './recall-capped.ts'
import { reciprocalRank } from './reciprocal-rank.ts'
import { serendipitySpec } from './serendipity.ts'

/** Metrics of one user's list against what was wanted, by name. */
export const listMetrics = {
  recall,
  ndcg,
  hr: hitRate,
  mrr: reciprocalRank,
  map: averagePrecision,
  precision,
  'recall-capped': recallCapped,
} as const satisfies Record<string, ListMetric>
export type ListMetricName = keyof typeof listMetrics

/** Every metric by name: which way is good, its range, a sentence. `ndcg@10` is described under `ndcg`. */
export const metricSpecs: Readonly<Record<string, MetricSpec>> = Object.fromEntries(
  [
    ...Object.values(listMetrics),
    aucSpec,
    gaucSpec,
    logLossSpec,
    calibrationErrorSpec,
    coverageSpec,
    giniSpec,
    entropySpec,
    ildSpec,
    noveltySpec,
    serendipitySpec,
  ].map((spec) => [spec.name, spec]),
)
