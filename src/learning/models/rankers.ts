import { bst } from './bst.ts'
import { bstIsolated } from './bst-isolated.ts'
import { coarse } from './coarse.ts'
import { din } from './din.ts'
import { dlrm } from './dlrm.ts'
import type { TowerConfig } from './layers/heads.ts'
import type { RankingModel } from './ranker.ts'
import { wdl } from './wdl.ts'

/** Every ranking model by name. */
export const rankers = { wdl, din, bst, 'bst-isolated': bstIsolated, dlrm, coarse } as const satisfies Record<
  string,
  RankingModel<TowerConfig>
>
export type RankerName = keyof typeof rankers
