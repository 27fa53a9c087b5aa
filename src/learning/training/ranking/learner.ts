import { Random } from '../../../foundation/base/index.ts'
import type { RankingBatch } from '../../../stream/samples/index.ts'
import { DenseVector, stepTogether } from '../../embeddings/index.ts'
import { initialParameters, layoutOf, openStep, type Provider, type Step, type Trained } from '../../graph/index.ts'
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
  /** Threads that share each step, see openStep. Default 1. */
  readonly threads?: number
  /** Default 'cpu'. */
  readonly provider?: Provider
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
  private readonly step: Step
  private readonly feeds: RankingFeeds
  private readonly deprivation: Deprivation
  private readonly frozen: boolean

  private constructor(
    learned: Learned,
    config: RankingConfig,
    step: Step,
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
    const { threads = 1, provider = 'cpu', tables = freshTables(spec, config), frozen = false } = options
    const build = (requests: number): Trained => trainedRanker(spec, config, requests, options)
    const { graph } = build(config.requests)
    const layout = layoutOf(graph)
    const dense = new DenseVector(layout.size, {
      name: config.model,
      optimiser: { kind: 'adam', weightDecay: config.weightDecay },
      decayed: layout.slots
        .filter(({ shape: s }) => s.length > 1)
        .map(({ offset, length }) => [offset, offset + length]),
    })
    initialParameters(graph, config.seed, dense.weights)
    const step = await openStep(build, {
      ...{ rows: config.requests, weight: 'weight', threads, providers: [provider] },
      name: config.model,
      parameters: dense.weights,
      gradients: dense.gradients,
    })
    const feeds = new RankingFeeds(spec, portsOf(graph), tables, facts)
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
    return { loss: result.loss, losses: meansOf(result.outputs['sums'] as Float32Array, batch.labelWeights), norm }
  }

  close(): Promise<void> {
    return this.step.close()
  }
}

/** The model for so many requests, with what is wanted of a step. */
function trainedRanker(
  spec: FeatureSpec,
  config: RankingConfig,
  requests: number,
  { objective = 'outcomes', frozen = false }: LearnerOptions,
): Trained {
  const model: RankingModel<TowerConfig> = rankers[config.model]
  const ranker = buildRanker(model, spec, { requests, candidates: config.impressions }, config.network)
  const { g, inputs } = ranker
  const { loss, sums } = (objective === 'outcomes' ? rankingLoss : distillationLoss)(
    ranker,
    spec.heads.map((head) => config.headWeights[head] ?? 0),
  )
  const inputGradients = frozen ? [] : inputs.embeddedNames.map((name) => inputs.embedded(name))
  return { graph: g, plan: { loss, outputs: { sums }, inputGradients } }
}

/** [heads] mean loss over the known labels [.. x heads]; 0 for a head without any. */
function meansOf(sums: Float32Array, labelWeights: Float32Array): Float32Array {
  const heads = sums.length
  const known = new Float64Array(heads)
  for (let i = 0; i < labelWeights.length; i++) known[i % heads] += labelWeights[i]
  return sums.map((sum, head) => sum / Math.max(1e-6, known[head]))
}

export function freshTables(spec: FeatureSpec, { tableRate, admission, seed }: RankingConfig): RankingTables {
  return rankingTables(spec, {
    optimiser: { kind: 'adagrad', rate: tableRate },
    admission: { threshold: admission },
    seed,
  })
}
