import { emitModel, Graph, layoutOf, Session } from '../../graph/index.ts'
import {
  type BootstrapOptions,
  bootstrapMean,
  type Estimate,
  hitRate,
  ndcg,
  recall,
} from '../../../judging/metrics/index.ts'
import { type SequenceConfig, sequenceEncoder } from '../../models/index.ts'
import { LAST_RANK } from '../two-tower/evaluate.ts'
import { Batch } from './batch.ts'
import { pack } from './packing.ts'
import type { Cases, Histories } from './sequences.ts'
import { thereAt } from './times.ts'

/** Viewers scored against the catalogue in one matrix product: as many as keep the scores within SCORES_MAX, 64 MiB. */
const SCORED_MAX = 256
const SCORES_MAX = 2 ** 24

/**
 * Rank of each case's item among all that was there when it was consumed, from 1; equal scores by row, the last where the
 * score is no number.
 */
export interface Ranks {
  /** Every such item takes part, what the viewer has had as well. */
  readonly kept: Uint32Array
  /** Items of the viewer's whole past take no part. */
  readonly removed: Uint32Array
}

/** Full ranking: exact, every item for every case. */
export class Evaluator {
  private readonly config: SequenceConfig
  private readonly graph: Graph
  private readonly encoder: Session
  private readonly scorer: Session
  private readonly items: number
  private readonly scored: number
  private readonly batch: Batch

  private constructor(
    config: SequenceConfig,
    items: number,
    rows: number,
    parts: { graph: Graph; encoder: Session; scorer: Session; scored: number },
  ) {
    this.config = config
    this.items = items
    this.graph = parts.graph
    this.encoder = parts.encoder
    this.scorer = parts.scorer
    this.scored = parts.scored
    this.batch = new Batch(rows, config.length, config.width)
  }

  static async open(
    config: SequenceConfig,
    items: number,
    { rows = 16, threads = 1 }: { readonly rows?: number; readonly threads?: number } = {},
  ): Promise<Evaluator> {
    const graph = new Graph()
    const { states } = sequenceEncoder(graph, config, { rows })
    const product = new Graph()
    const scored = Math.max(1, Math.min(SCORED_MAX, Math.floor(SCORES_MAX / items)))
    const users = product.input('users', [scored, config.width])
    const table = product.input('table', [items, config.width])
    const encoder = await Session.open(emitModel(graph, { states }), { threads, name: 'sequence encoder' })
    const scores = emitModel(product, { scores: product.matmul(users, table, { transposeB: true }) })
    const scorer = await Session.open(scores, { threads, name: 'sequence scores' })
    return new Evaluator(config, items, rows, { graph, encoder, scorer, scored })
  }

  /**
   * @param parameters in the order of the encoder's layout
   * @param table [items, width]
   */
  async ranks(histories: Histories, cases: Cases, parameters: Float32Array, table: Float32Array): Promise<Ranks> {
    const { length, width } = this.config
    this.encoder.bindParameters(layoutOf(this.graph), parameters)
    this.scorer.bind('table', table)
    const count = cases.targets.length
    const ranks = { kept: new Uint32Array(count), removed: new Uint32Array(count) }
    const froms = cases.starts.map((start, i) => Math.max(start, cases.targets[i] - length))
    const lengths = cases.targets.map((target, i) => target - froms[i])
    const order = Uint32Array.from(lengths, (_, i) => i).sort((a, b) => lengths[b] - lengths[a] || a - b)
    const rows = pack(lengths, order, length)

    const users = new Float32Array(this.scored * width)
    const waiting: number[] = []
    const flush = async (): Promise<void> => {
      const { scores } = await this.scorer.run({ users })
      waiting.forEach((i, at) => {
        const row = (scores as Float32Array).subarray(at * this.items, (at + 1) * this.items)
        this.rank(histories, cases, i, row, ranks)
      })
      waiting.length = 0
    }
    for (let first = 0; first < rows.length; first += this.batch.rows) {
      const lasts: (readonly [number, number])[] = []
      this.batch.clear()
      for (const [row, windows] of rows.slice(first, first + this.batch.rows).entries()) {
        let column = 0
        for (const i of windows) {
          lasts.push([i, this.batch.put(histories, row, column, froms[i], lengths[i])])
          column += lengths[i]
        }
      }
      this.batch.gather(table, false)
      const { states } = await this.encoder.run(this.batch.feeds)
      for (const [i, place] of lasts) {
        users.set(states.subarray(place * width, (place + 1) * width), waiting.length * width)
        if (waiting.push(i) === this.scored) await flush()
      }
    }
    await flush()
    return ranks
  }

  async close(): Promise<void> {
    await this.encoder.close()
    await this.scorer.close()
  }

  private rank(histories: Histories, { starts, targets }: Cases, i: number, scores: Float32Array, ranks: Ranks): void {
    const wanted = histories.item[targets[i]]
    const score = scores[wanted]
    if (Number.isNaN(score)) {
      ranks.kept[i] = ranks.removed[i] = LAST_RANK
      return
    }
    let above = 0
    const there = thereAt(histories.times, targets[i])
    const ahead = (item: number) => (scores[item] > score || (scores[item] === score && item < wanted)) && there(item)
    for (let item = 0; item < scores.length; item++) if (ahead(item)) above++
    let hidden = 0
    const seen = new Set(histories.item.subarray(starts[i], targets[i]))
    seen.delete(wanted)
    for (const item of seen) if (ahead(item)) hidden++
    ranks.kept[i] = above + 1
    ranks.removed[i] = above - hidden + 1
  }
}

/** How deep a list is that a source may give: what of it is found matters, not where. */
const RECALL_AT = 100

/** NDCG@k and HR@k of one wanted item per user, and recall@100, with user bootstrap intervals, by `name@k`. */
export function rankMetrics(
  ranks: Uint32Array,
  ks: readonly number[] = [10],
  options?: BootstrapOptions,
): Record<string, Estimate> {
  const figures: Record<string, Estimate> = {}
  for (const [metric, depths] of [
    [ndcg, ks],
    [hitRate, ks],
    [recall, [RECALL_AT]],
  ] as const) {
    for (const k of depths) {
      const worth = Float64Array.from(
        { length: k },
        (_, at) => metric.at({ gains: [...Array(at).fill(0), 1], ideal: [1] }, k) ?? 0,
      )
      const estimate = bootstrapMean(
        Float64Array.from(ranks, (rank) => worth[rank - 1] ?? 0),
        options,
      )
      if (estimate) figures[`${metric.name}@${k}`] = estimate
    }
  }
  return figures
}
