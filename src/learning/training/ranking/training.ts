import { hash32 } from '../../../foundation/base/index.ts'
import {
  batchesOf,
  countBatches,
  type Dataset,
  type RankingBatch,
  type RequestSplit,
} from '../../../stream/samples/index.ts'
import { schedule } from '../../embeddings/index.ts'
import type { Provider } from '../../graph/index.ts'
import { type FeatureSpec, type ItemFacts, specDigest, uncalibrated } from '../../models/index.ts'
import { Checkpoints, type Learned, startOf, type TrainingPosition } from '../checkpoints.ts'
import { type Epochs, runEpochs, type TrainingHooks, type TrainingProgress } from '../epochs.ts'
import type { RankingConfig } from './config.ts'
import { RankingLearner } from './learner.ts'
import { type HeadMetrics, metricsOf } from './metrics.ts'
import { Predictor } from './predict.ts'
import { weighing } from './weighing.ts'

/** Figures by head, not calibrated. */
export type RankingProgress = TrainingProgress<Readonly<Record<string, HeadMetrics>>>

/** Everything a training needs, complete. */
export interface RankingPlan extends TrainingHooks<Readonly<Record<string, HeadMetrics>>> {
  readonly samples: Dataset
  readonly split: Pick<RequestSplit, 'train' | 'validation'>
  /** Where what judges begins: of what comes from then on no label of the training part may tell. Left out, nothing judges. */
  readonly cut?: number
  readonly spec: FeatureSpec
  readonly config: RankingConfig
  readonly facts: ItemFacts
  readonly folder: string
  readonly threads: number
  readonly provider: Provider
}

/** Learns and validates, from the beginning or from what the folder holds. Gives the best of it. */
export async function learnRanking(plan: RankingPlan): Promise<{ position: TrainingPosition; learned: Learned }> {
  const { spec, config, facts, threads, provider, samples } = plan
  const checkpoints = new Checkpoints(plan.folder)
  const digest = digestOf(plan)
  const found = checkpoints.latest(digest)
  const learner = await RankingLearner.open(spec, config, facts, {
    ...{ threads, provider },
    ...(found && { tables: found.tables }),
  })
  found?.restore(learner.learned)
  const predictor = await Predictor.open(spec, config, learner.learned, facts, threads)
  const { requests, impressions, history, epochs, patience, seed } = config
  const weigh = weighing(config, samples, plan.split.train)
  const batching = {
    ...{ requests, impressions, history, requestNumbers: plan.split.train },
    ...(weigh && { weigh }),
    ...(plan.cut !== undefined && { cut: plan.cut }),
  }
  const stepsPerEpoch = countBatches(samples, batching)
  const scaleAt = scheduleOf(config.warmup, stepsPerEpoch * epochs)
  const all: Epochs<RankingBatch, Readonly<Record<string, HeadMetrics>>> = {
    ...{ epochs, patience, stepsPerEpoch, learned: learner.learned },
    batches: (epoch) => batchesOf(samples, { ...batching, shuffle: { seed, epoch } }),
    learn: async (batch, step) => {
      const { loss } = await learner.learn(batch, step, scaleAt(step))
      return { loss, examples: batch.item.reduce((n, item) => (item < 0 ? n : n + 1), 0) }
    },
    validate: async () => {
      const validation = await predictor.predict(samples, plan.split.validation)
      const metrics = metricsOf(
        validation,
        spec.heads.map(() => uncalibrated),
      )
      const { head, metric } = config.criterion
      const value = metrics[head]?.[metric]?.value ?? Number.NaN
      return { metrics, value: Number.isNaN(value) ? Number.NEGATIVE_INFINITY : metric === 'logloss' ? -value : value }
    },
  }
  const position = found?.position ?? startOf(digest)
  try {
    return { learned: await runEpochs(all, position, checkpoints, plan), position }
  } finally {
    await learner.close()
    await predictor.close()
  }
}

/** What the learning rates are multiplied by: a warm-up, then a line down to a tenth. */
export const scheduleOf = (warmup: number, steps: number) =>
  schedule({ kind: 'linear', rate: 1, warmup: Math.min(warmup, steps - 1), steps, last: 0.1 })

/** Of all that makes the result: other configuration, other samples, other digest. */
function digestOf({ config, spec, samples, split }: RankingPlan): string {
  const text = JSON.stringify([config, specDigest(spec), samples.header, samples.impressions, split.train.length])
  return [0, 1].map((seed) => hash32(text, seed).toString(16).padStart(8, '0')).join('')
}
