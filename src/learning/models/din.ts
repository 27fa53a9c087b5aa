import { interest } from './layers/activation-unit.ts'
import { defaultTower, type TowerConfig, towers } from './layers/heads.ts'
import { contextToken, historyTokens, itemTokens, type Positions } from './layers/tokens.ts'
import type { RankingModel } from './ranker.ts'

export interface DinConfig extends TowerConfig {
  /**
   * DIN knows no order. By default entries differ by how long ago they were, which the paper does not have: 'none' is the
   * network as published.
   */
  readonly positions: Positions
}

/** Deep Interest Network: each candidate weighs the history by what matters for it. */
export const din: RankingModel<DinConfig> = {
  name: 'din',
  citation: 'Zhou et al. 2018, "Deep Interest Network for Click-Through Rate Prediction", arXiv:1706.06978',
  defaults: { ...defaultTower, positions: 'time' },
  logits(inputs, { positions, ...tower }) {
    const { g } = inputs
    const item = itemTokens(inputs, 'candidate')
    const past = interest(g, historyTokens(inputs, positions), item, inputs.plain('history.mask'), 'interest')
    const candidate = [past, item, g.mul(past, item), ...(inputs.hasDense ? [inputs.dense] : [])]
    const request = [inputs.embedded('viewer'), contextToken(inputs), inputs.plain('present')]
    return towers(inputs, { request, candidate }, tower)
  },
}
