import { type AdmissionOptions, EmbeddingTable, type SparseOptimiser } from '../embeddings/index.ts'
import type { FeatureSpec } from './feature-spec.ts'
import type { RankingTables } from './ranking-feeds.ts'
import { type TableName, tableNames, tables } from './ranking-inputs.ts'

export interface RankingTablesOptions {
  readonly optimiser?: SparseOptimiser
  /** Ids are rows of the catalogue. An id seen less often shares the trained row of the rare. Default 2. */
  readonly admission?: AdmissionOptions
  readonly seed?: string | number
}

/** Fresh tables for all that ranking models embed. The wide part's weights begin at 0, the others small. */
export function rankingTables(spec: FeatureSpec, options: RankingTablesOptions = {}): RankingTables {
  const { optimiser = { kind: 'adagrad', rate: 0.05 }, admission = { threshold: 2 }, seed = 0 } = options
  const made = tableNames.map((name) => {
    const table = new EmbeddingTable({
      name,
      dim: tables[name](spec),
      ids: 'integer',
      optimiser,
      initial: name === 'cross' ? { shape: 'zero', deviation: 0 } : { shape: 'normal', deviation: 0.05 },
      seed: `${seed} ${name}`,
      admission,
    })
    return [name, table] as const
  })
  return Object.fromEntries(made) as Record<TableName, EmbeddingTable>
}
