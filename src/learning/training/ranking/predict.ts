import { batchesOf, type Dataset, type RankingBatch } from '../../../stream/samples/index.ts'
import { emitModel, Session } from '../../graph/index.ts'
import {
  buildRanker,
  type FeatureSpec,
  type ItemFacts,
  portsOf,
  rankers,
  RankingFeeds,
  type RankingModel,
  type TowerConfig,
} from '../../models/index.ts'
import type { Learned } from '../checkpoints.ts'
import type { RankingConfig } from './config.ts'

/** Logits of impressions beside their labels: parallel arrays, in the order of the requests. */
export interface Predictions {
  readonly heads: readonly string[]
  readonly count: number
  /** [n x heads] */
  readonly logits: Float32Array
  readonly labels: Float32Array
  /** [n x heads] 1 where the label is known. */
  readonly known: Uint8Array
  /** [n] number of the request, and the row of its viewer (-1 for strangers). */
  readonly request: Int32Array
  readonly user: Int32Array
}

/** Runs the serving graph of a model over requests, positions unknown, with the weights as they are now. */
export class Predictor {
  private readonly config: RankingConfig
  private readonly spec: FeatureSpec
  private readonly session: Session
  private readonly feeds: RankingFeeds

  private constructor(config: RankingConfig, spec: FeatureSpec, session: Session, feeds: RankingFeeds) {
    this.config = config
    this.spec = spec
    this.session = session
    this.feeds = feeds
  }

  static async open(
    spec: FeatureSpec,
    config: RankingConfig,
    learned: Learned,
    facts: ItemFacts,
    threads = 1,
  ): Promise<Predictor> {
    const model: RankingModel<TowerConfig> = rankers[config.model]
    const shape = { requests: config.requests, candidates: config.impressions }
    const { g, logits } = buildRanker(model, spec, shape, config.network)
    const session = await Session.open(emitModel(g, { logits }), { threads, name: config.model })
    session.bindParameters(learned.layout, learned.dense.weights)
    return new Predictor(config, spec, session, new RankingFeeds(spec, portsOf(g), learned.tables, facts))
  }

  /** [R x K x heads] of a batch. `missing`: bits of the groups taken away from every request. */
  async logits(batch: RankingBatch, missing = 0): Promise<Float32Array> {
    const rows = {
      ...batch,
      position: new Int16Array(batch.position.length).fill(-1),
      missing: new Uint32Array(batch.shape.requests).fill(missing),
    }
    const { logits } = await this.session.run(this.feeds.fill(rows))
    return logits as Float32Array
  }

  async predict(dataset: Dataset, requestNumbers: Uint32Array, missing = 0): Promise<Predictions> {
    const { requests, impressions, history } = this.config
    const heads = this.spec.heads.length
    let n = 0
    for (const number of requestNumbers) n += dataset.request(number).items.length
    const out = {
      heads: this.spec.heads,
      logits: new Float32Array(n * heads),
      labels: new Float32Array(n * heads),
      known: new Uint8Array(n * heads),
      request: new Int32Array(n),
      user: new Int32Array(n),
    }
    let count = 0
    for (const batch of batchesOf(dataset, { requests, impressions, history, requestNumbers })) {
      const logits = await this.logits(batch, missing)
      for (let i = 0; i < batch.item.length; i++) {
        if (batch.item[i] < 0) continue
        const row = Math.floor(i / impressions)
        out.request[count] = batch.request[row]
        out.user[count] = batch.user[row]
        for (let head = 0; head < heads; head++) {
          const [from, to] = [i * heads + head, count * heads + head]
          out.logits[to] = logits[from]
          out.labels[to] = batch.labels[from]
          out.known[to] = batch.labelWeights[from] > 0 ? 1 : 0
        }
        count++
      }
    }
    return { ...out, count }
  }

  close(): Promise<void> {
    return this.session.close()
  }
}

/** One head's known labels. */
export interface HeadPredictions {
  readonly logits: Float64Array
  readonly labels: Float64Array
  readonly request: Int32Array
  readonly user: Int32Array
}

export function headPredictions(predictions: Predictions, head: number): HeadPredictions {
  const width = predictions.heads.length
  const rows: number[] = []
  for (let i = 0; i < predictions.count; i++) if (predictions.known[i * width + head] === 1) rows.push(i)
  return {
    logits: Float64Array.from(rows, (i) => predictions.logits[i * width + head]),
    labels: Float64Array.from(rows, (i) => predictions.labels[i * width + head]),
    request: Int32Array.from(rows, (i) => predictions.request[i]),
    user: Int32Array.from(rows, (i) => predictions.user[i]),
  }
}
