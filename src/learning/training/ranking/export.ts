import { emitModel } from '../../graph/index.ts'
import {
  buildRanker,
  type Calibration,
  partsOf,
  type FeatureSpec,
  type RankerArtifact,
  rankers,
  type RankingModel,
  specDigest,
  type TableName,
  type TowerConfig,
} from '../../models/index.ts'
import type { Learned } from '../checkpoints.ts'
import type { RankingConfig } from './config.ts'

/**
 * Sizes of the serving graphs: a small request pays for a small one, what a surface ranks by default for no padding, and
 * with it go up to 64 that are reserved a place. Two runs for one request would encode its history twice.
 */
export const CANDIDATES = [32, 128, 200, 232, 264] as const

export interface ExportOptions {
  /** Heads that were learned. */
  readonly heads: readonly string[]
  /** By head of the specification. */
  readonly calibrations: readonly Calibration[]
  /** Sizes of the graphs. */
  readonly candidates?: readonly number[]
}

/** The serving artifact of a model: one graph per number of candidates, weights inside, tables as they are (not copied). */
export function exportRanker(
  name: string,
  spec: FeatureSpec,
  config: RankingConfig,
  weights: Learned,
  { heads, calibrations, candidates = CANDIDATES }: ExportOptions,
): RankerArtifact {
  const model: RankingModel<TowerConfig> = rankers[config.model]
  const sizes = [...new Set(candidates)].sort((a, b) => a - b)
  const used = new Set<TableName>()
  const graphs = sizes.map((size) => {
    const { g, inputs, logits } = buildRanker(model, spec, { requests: 1, candidates: size }, config.network)
    for (const input of inputs.embeddedNames) for (const { table } of partsOf(input)) used.add(table)
    return emitModel(g, { logits }, { name, weights: weights.dense.weights })
  })
  const tables = [...used].sort()
  return {
    manifest: {
      format: 1,
      name,
      model: config.model,
      network: config.network,
      spec,
      specDigest: specDigest(spec),
      learned: heads,
      calibrations,
      candidates: sizes,
      tables,
    },
    graphs,
    tables: Object.fromEntries(tables.map((table) => [table, weights.tables[table]])),
  }
}
