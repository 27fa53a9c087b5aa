import { Random } from '../../../foundation/base/index.ts'
import type { RankingBatch } from '../../../stream/samples/index.ts'
import { DenseVector, stepTogether } from '../../embeddings/index.ts'
import { initialParameters, layoutOf, TrainingStep } from '../../graph/index.ts'
import {
  buildRanker,
  distillationLoss,
  type FeatureSpec,
  type ItemFacts,
  portsOf,
  rankers,
  RankingFeeds,
  type RankingModel,
  rankingLoss,
  rankingTables,
  type RankingTables,
  type TowerConfig,
} from '../../models/index.ts'
import type { Learned } from '../checkpoints.ts'
import type { RankingConfig } from './config.ts'
import { Deprivation } from './deprivation.ts'

export interface LearnerOptions {
  readonly threads?: number
  /** Tables to begin with. Default fresh ones. */
  readonly tables?: RankingTables
  /** What the labels are: outcomes in 0..1, or a teacher's logits. Default outcomes. */
  readonly objective?: 'outcomes' | 'logits'
  /** Leave the tables as they are: another model's, that go on serving it. Default false. */
  readonly frozen?: boolean
}

export interface LearnedStep {
  readonly loss: number
  /** [heads] mean loss over the known labels. */
  readonly losses: Float32Array
  /** Length of all gradients before clipping. */
  readonly norm: number
}

/** One training step at a time on a ranking model. Equal batches give equal weights to the bit. */
export class RankingLearner {
  readonly learned: Learned
  private readonly config: RankingConfig
  private readonly step: TrainingStep
  private readonly feeds: RankingFeeds
  private readonly deprivation: Deprivation
  private readonly frozen: boolean

  private constructor(
    learned: Learned,
    config: RankingConfig,
    step: TrainingStep,
    feeds: RankingFeeds,
    deprivation: Deprivation,
    frozen: boolean,
  ) {
    this.learned = learned
    this.config = config
    this.step = step
    this.feeds = feeds
    this.deprivation = deprivation
    this.frozen = frozen
  }

  static async open(
    spec: FeatureSpec,
    config: RankingConfig,
    facts: ItemFacts,
    options: LearnerOptions = {},
  ): Promise<RankingLearner> {
    const { threads = 1, tables = freshTables(spec, config), objective = 'outcomes', frozen = false } = options
    const model: RankingModel<TowerConfig> = rankers[config.model]
    const shape = { requests: config.requests, candidates: config.impressions }
    const ranker = buildRanker(model, spec, shape, config.network)
    const { g, inputs } = ranker
    const { loss, losses } = (objective === 'outcomes' ? rankingLoss : distillationLoss)(
      ranker,
      spec.heads.map((head) => config.headWeights[head] ?? 0),
    )
    const layout = layoutOf(g)
    const dense = new DenseVector(layout.size, {
      name: config.model,
      optimiser: { kind: 'adam', weightDecay: config.weightDecay },
      decayed: layout.slots
        .filter(({ shape: s }) => s.length > 1)
        .map(({ offset, length }) => [offset, offset + length]),
    })
    initialParameters(g, config.seed, dense.weights)
    const inputGradients = frozen ? [] : inputs.embeddedNames.map((name) => inputs.embedded(name))
    const plan = { loss, outputs: { losses }, inputGradients }
    const step = await TrainingStep.open(g, plan, {
      threads,
      name: config.model,
      parameters: dense.weights,
      gradients: dense.gradients,
    })
    const feeds = new RankingFeeds(spec, portsOf(g), tables, facts)
    return new RankingLearner(
      { dense, tables, layout },
      config,
      step,
      feeds,
      new Deprivation(spec, config.scenarios),
      frozen,
    )
  }

  /**
   * Learns one batch. `number` of the step, from 1, seeds what is taken away; `scale` multiplies the learning rate of the
   * dense weights, `tableScale` that of the embeddings.
   */
  async learn(batch: RankingBatch, number: number, scale: number, tableScale = scale): Promise<LearnedStep> {
    const { config, learned } = this
    const random = new Random(`${config.seed}/step/${number}`)
    const rows = {
      ...batch,
      position: batch.position.map((position) => (random.chance(config.positionDropout) ? -1 : position)),
      missing: this.deprivation.draw(batch.shape.requests, random),
    }
    const latest = batch.at.reduce((a, b) => Math.max(a, b), 0)
    const result = await this.step.run({
      ...this.feeds.fill(rows, this.frozen ? undefined : latest),
      labels: batch.labels,
      'label.weights': batch.labelWeights,
      weight: batch.weight,
    })
    this.feeds.accumulate(result.inputGradients)
    const { norm } = stepTogether(
      { dense: [learned.dense], tables: this.frozen ? [] : this.feeds.used },
      { denseRate: config.denseRate * scale, tableRate: config.tableRate * tableScale, normMax: config.normMax },
    )
    return { loss: result.loss, losses: result.outputs['losses'] as Float32Array, norm }
  }

  close(): Promise<void> {
    return this.step.close()
  }
}

export function freshTables(spec: FeatureSpec, { tableRate, admission, seed }: RankingConfig): RankingTables {
  return rankingTables(spec, {
    optimiser: { kind: 'adagrad', rate: tableRate },
    admission: { threshold: admission },
    seed,
  })
}
