import { type Clock, hash32 } from '../../../foundation/base/index.ts'
import { batchesOf, countBatches, type Dataset, type RequestSplit } from '../../../stream/samples/index.ts'
import { type Schedule, schedule } from '../../embeddings/index.ts'
import { type FeatureSpec, type ItemFacts, specDigest, uncalibrated } from '../../models/index.ts'
import { Checkpoints, type Learned, startOf, type TrainingPosition } from '../checkpoints.ts'
import type { RankingConfig } from './config.ts'
import { RankingLearner } from './learner.ts'
import { type HeadMetrics, headMetrics } from './metrics.ts'
import { Predictor } from './predict.ts'

export interface RankingProgress {
  readonly phase: 'train' | 'validate'
  /** From 1. */
  readonly epoch: number
  readonly epochs: number
  /** Steps done, of how many, over all epochs. */
  readonly step: number
  readonly steps: number
  /** Mean of the epoch so far. */
  readonly loss: number
  readonly examplesPerSecond: number
  /** Until the last step, if no epoch is spared. */
  readonly secondsLeft: number
  /** After a validation, not calibrated: by head. */
  readonly metrics?: Readonly<Record<string, HeadMetrics>>
}

/** Everything a training needs, complete. */
export interface RankingPlan {
  readonly samples: Dataset
  readonly split: Pick<RequestSplit, 'train' | 'validation'>
  readonly spec: FeatureSpec
  readonly config: RankingConfig
  readonly facts: ItemFacts
  readonly folder: string
  readonly checkpointSteps?: number
  readonly threads: number
  readonly clock: Clock
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: RankingProgress) => void
}

/** Steps between two reports of progress. */
const REPORT_STEPS = 50

/** The epochs of one training: steps, checkpoints, validation, early stopping. */
export class RankingTraining {
  private readonly plan: RankingPlan
  private readonly learner: RankingLearner
  private readonly predictor: Predictor
  private readonly checkpoints: Checkpoints
  private readonly position: TrainingPosition
  private readonly stepsPerEpoch: number
  private readonly scaleAt: Schedule
  /** When this process began, and with how many steps and examples done. */
  private readonly began: { readonly ticks: number; readonly step: number; readonly examples: number }

  private constructor(
    plan: RankingPlan,
    learner: RankingLearner,
    predictor: Predictor,
    checkpoints: Checkpoints,
    position: TrainingPosition,
  ) {
    this.plan = plan
    this.learner = learner
    this.predictor = predictor
    this.checkpoints = checkpoints
    this.position = position
    this.stepsPerEpoch = countBatches(plan.samples, this.batching)
    const { epochs, warmup } = plan.config
    const steps = this.stepsPerEpoch * epochs
    this.scaleAt = schedule({ kind: 'linear', rate: 1, warmup: Math.min(warmup, steps - 1), steps, last: 0.1 })
    this.began = { ticks: plan.clock.ticks(), step: position.step, examples: position.examples }
  }

  /** Begins, or takes up what the folder holds. */
  static async open(plan: RankingPlan): Promise<RankingTraining> {
    const { spec, config, facts, threads } = plan
    const checkpoints = new Checkpoints(plan.folder)
    const digest = digestOf(plan)
    const found = checkpoints.latest(digest)
    const learner = await RankingLearner.open(spec, config, facts, { threads, ...(found && { tables: found.tables }) })
    found?.restore(learner.learned)
    const predictor = await Predictor.open(spec, config, learner.learned, facts, threads)
    return new RankingTraining(plan, learner, predictor, checkpoints, found?.position ?? startOf(digest))
  }

  /** Trains to the end or to the signal. Gives what validated best; a run stopped in its first epoch, what it has. */
  async run(): Promise<{ position: TrainingPosition; learned: Learned }> {
    const { position, plan, learner, checkpoints } = this
    try {
      while (!position.done && !plan.signal?.aborted) {
        await this.epoch()
        if (!plan.signal?.aborted) await this.closeEpoch()
      }
    } finally {
      await learner.close()
      await this.predictor.close()
    }
    const { learned } = learner
    return { position, learned: position.bestEpoch > 0 ? checkpoints.best(learned) : learned }
  }

  /** The steps of the present epoch that are still to do. */
  private async epoch(): Promise<void> {
    const { position, plan, learner, checkpoints } = this
    const { checkpointSteps = 1000, config } = plan
    const shuffle = { seed: config.seed, epoch: position.epoch + 1 }
    let skip = position.epochStep
    for (const batch of batchesOf(plan.samples, { ...this.batching, shuffle })) {
      if (skip-- > 0) continue
      const { loss } = await learner.learn(batch, position.step + 1, this.scaleAt(position.step + 1))
      position.step++
      position.epochStep++
      position.lossSum += loss
      position.examples += batch.item.reduce((n, item) => (item < 0 ? n : n + 1), 0)
      if (position.step % REPORT_STEPS === 0) this.report('train')
      const stopped = plan.signal?.aborted === true
      if (position.step % checkpointSteps === 0 || stopped) checkpoints.save(position, learner.learned)
      if (stopped) return
    }
  }

  /** Validates, keeps the best, decides whether to go on. */
  private async closeEpoch(): Promise<void> {
    const { position, plan, learner, checkpoints } = this
    const { epochs, patience, criterion } = plan.config
    const validation = await this.predictor.predict(plan.samples, plan.split.validation)
    const metrics = Object.fromEntries(
      plan.spec.heads.map((head, h) => [head, headMetrics(validation, h, uncalibrated)]),
    )
    this.report('validate', metrics)
    const measured = metrics[criterion.head]?.[criterion.metric]?.value ?? Number.NEGATIVE_INFINITY
    const value = criterion.metric === 'logloss' ? -measured : measured
    const better = position.bestValue === null || value > position.bestValue
    position.epoch++
    position.epochStep = 0
    position.lossSum = 0
    position.waited = better ? 0 : position.waited + 1
    if (better) {
      position.bestEpoch = position.epoch
      position.bestValue = value
      checkpoints.saveBest(learner.learned)
    }
    position.done = position.epoch >= epochs || (patience > 0 && position.waited >= patience)
    checkpoints.save(position, learner.learned)
  }

  private get batching() {
    const { config, split } = this.plan
    const { requests, impressions, history } = config
    return { requests, impressions, history, requestNumbers: split.train }
  }

  private report(phase: RankingProgress['phase'], metrics?: RankingProgress['metrics']): void {
    const { position, plan, began } = this
    const seconds = Math.max(1e-9, (plan.clock.ticks() - began.ticks) / 1000)
    const steps = this.stepsPerEpoch * plan.config.epochs
    plan.onProgress?.({
      phase,
      epoch: position.epoch + 1,
      epochs: plan.config.epochs,
      step: position.step,
      steps,
      loss: position.lossSum / position.epochStep,
      examplesPerSecond: (position.examples - began.examples) / seconds,
      secondsLeft: (seconds / (position.step - began.step)) * (steps - position.step),
      ...(metrics && { metrics }),
    })
  }
}

/** Of all that makes the result: other configuration, other samples, other digest. */
function digestOf({ config, spec, samples, split }: RankingPlan): string {
  const text = JSON.stringify([config, specDigest(spec), samples.header, samples.impressions, split.train.length])
  return [0, 1].map((seed) => hash32(text, seed).toString(16).padStart(8, '0')).join('')
}
