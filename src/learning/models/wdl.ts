import type { Tensor } from '../graph/index.ts'
import { crossLayers } from './layers/cross.ts'
import { dense } from './layers/dense.ts'
import { defaultTower, type TowerConfig, towers } from './layers/heads.ts'
import { maskedMean } from './layers/pool.ts'
import { contextToken, historyTokens, itemTokens, type Positions } from './layers/tokens.ts'
import type { RankingModel } from './ranker.ts'

export interface WdlConfig extends TowerConfig {
  /** Cross layers of DCN-v2 over the candidate's part, beside the deep part. 0: none. */
  readonly crosses: number
  readonly positions: Positions
}

/** Wide & Deep: a linear part that memorises crossed pairs beside a deep part that generalises. The history is a mean. */
export const wdl: RankingModel<WdlConfig> = {
  name: 'wdl',
  citation: 'Cheng et al. 2016, "Wide & Deep Learning for Recommender Systems", arXiv:1606.07792',
  defaults: { ...defaultTower, crosses: 0, positions: 'time' },
  logits(inputs, { crosses, positions, ...tower }) {
    const { g, spec } = inputs
    const heads = spec.heads.length
    const past = maskedMean(g, historyTokens(inputs, positions), inputs.plain('history.mask'))
    const item = itemTokens(inputs, 'candidate')
    const features = inputs.hasDense ? [item, inputs.dense] : [item]
    const own = crosses > 0 ? crossLayers(g, g.concat(features), 'cross', { layers: crosses }) : undefined
    const deep = towers(
      inputs,
      {
        request: [past, inputs.embedded('viewer'), contextToken(inputs), inputs.plain('present')],
        candidate: own ? [...features, own] : features,
      },
      tower,
    )
    const wide: Tensor[] = [g.slice(inputs.embedded('candidate.cross'), 2, 0, heads)]
    if (inputs.hasDense) wide.push(dense(g, inputs.dense, 'wide', heads, { bias: false }))
    return wide.reduce((sum, part) => g.add(sum, part), deep)
  },
}
