import type { EmbeddingTable } from '../../src/learning/embeddings/index.ts'
import { initialParameters } from '../../src/learning/graph/index.ts'
import {
  buildRanker,
  portsOf,
  rankers,
  RankingFeeds,
  type RankingModel,
  type RankingRows,
  rankingLoss,
  rankingTables,
  type RankingTables,
  type FeatureSpec,
  type ItemFacts,
  type TowerConfig,
} from '../../src/learning/models/index.ts'
import { type EmbeddedName, partsOf, plainInputs } from '../../src/learning/models/ranking-inputs.ts'
import { completeConfig, RankingLearner, type RecipeName } from '../../src/learning/training/index.ts'
import { batchOf, facts, specOf } from './data.ts'
import type { Gathered, PeerTable, PeerTask, Subject } from './subject.ts'

export interface RankerSize {
  readonly history: number
  readonly width: number
  readonly requests: number
  readonly impressions: number
}

/** A ranking model through its learner: inputs, look-up, gather, graph, Adam, scatter and Adagrad. */
export function rankerSubject(recipe: RecipeName, size: RankerSize): Subject {
  const { history, width, requests, impressions } = size
  const choices = { ...size, admission: 1, positionDropout: 0, ...(recipe === 'degraded' ? {} : { scenarios: [] }) }
  const config = completeConfig(recipe, choices)
  const spec = specOf(history, width)
  const batch = batchOf(requests, impressions, history)
  return {
    model: recipe,
    shape: `${requests} x ${impressions}`,
    examples: requests * impressions,
    follows: recipe !== 'degraded', // which is deprived by lot
    async open(threads) {
      const learner = await RankingLearner.open(spec, config, facts, { threads })
      let number = 0
      return {
        step: async () => (await learner.learn(batch, ++number, 1)).loss,
        close: () => learner.close(),
      }
    },
    peer(): PeerTask {
      const model: RankingModel<TowerConfig> = rankers[config.model]
      const ranker = buildRanker(model, spec, { requests, candidates: impressions }, config.network)
      const weights = spec.heads.map((head) => config.headWeights[head] ?? 0)
      const { loss } = rankingLoss(ranker, weights)
      const tables = rankingTables(spec, {
        optimiser: { kind: 'adagrad', rate: config.tableRate },
        ...{ admission: { threshold: config.admission }, seed: config.seed },
      })
      const feeds = new RankingFeeds(spec, portsOf(ranker.g), tables, facts).fill(batch, 1e12)
      const { denseRate: dense, tableRate: table, weightDecay, normMax } = config
      return {
        trained: { graph: ranker.g, plan: { loss } },
        parameters: initialParameters(ranker.g, config.seed),
        feeds: {
          ...onlyPlain(feeds),
          ...{ labels: batch.labels, 'label.weights': batch.labelWeights, weight: batch.weight },
        },
        gathered: gatheredOf(ranker.inputs.embeddedNames, { spec, facts, tables, rows: batch }),
        tables: peerTables(tables),
        rates: { dense, beta2: 0.999, table, weightDecay, normMax },
      }
    },
  }
}

export const onlyPlain = <T>(feeds: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(feeds).filter(([name]) => name in plainInputs))

interface Ground {
  readonly spec: FeatureSpec
  readonly facts: ItemFacts
  readonly tables: RankingTables
  readonly rows: RankingRows
}

/** The rows that each embedded input reads, looked up as the learner does. Bags must be full. */
export function gatheredOf(names: readonly EmbeddedName[], { spec, facts, tables, rows }: Ground) {
  const { requests, impressions, history } = rows.shape
  const placesOf = { request: requests, history: requests * history, candidate: requests * impressions }
  return Object.fromEntries(
    names.map((name) => {
      const parts = partsOf(name).map((input): Gathered => {
        const ids = new Uint32Array(placesOf[input.per] * input.bag)
        input.ids(rows, spec, facts, ids)
        const there = ids.filter((id) => id !== 0xffff_ffff)
        const bag = there.length / placesOf[input.per]
        if (!Number.isInteger(bag)) throw new RangeError(`The bags of ${name} are not alike`)
        return { table: input.table, bag, rows: tables[input.table].find(there) }
      })
      return [name, parts]
    }),
  )
}

export function peerTables(tables: RankingTables): PeerTable[] {
  return Object.entries(tables).map(([name, table]: [string, EmbeddingTable]) => {
    const rows = Uint32Array.from({ length: table.rows.count }, (_, row) => row)
    return { name, dim: table.dim, values: table.gather(rows).slice(), dense: false }
  })
}
