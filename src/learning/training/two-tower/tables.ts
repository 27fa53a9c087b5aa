import { type FeatureSpec, type RankingTables, rankingTables } from '../../models/index.ts'
import type { TwoTowerRecipe } from './config.ts'

/** Fresh embeddings for both towers. */
export function towerTables(spec: FeatureSpec, { tableRate, admission, seed }: TwoTowerRecipe): RankingTables {
  const optimiser = { kind: 'adagrad', rate: tableRate } as const
  return rankingTables(spec, { optimiser, admission: { threshold: admission }, seed })
}
