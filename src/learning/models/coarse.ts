import { defaultTower, type TowerConfig, towers } from './layers/heads.ts'
import { maskedMean } from './layers/pool.ts'
import { contextToken, historyTokens, itemTokens } from './layers/tokens.ts'
import type { RankingModel } from './ranker.ts'

/**
 * The coarse ranker: a small network over the viewer's and the item's embeddings, their product and the dense features.
 * It learns from the fine ranker's scores (Hinton et al. 2015, "Distilling the Knowledge in a Neural Network"), and
 * decides who is seen by it: all of the viewer's side is computed once per request.
 */
export const coarse: RankingModel<TowerConfig> = {
  name: 'coarse',
  citation: 'Wang et al. 2020, "COLD: Towards the Next Generation of Pre-Ranking System", arXiv:2007.16122',
  defaults: { ...defaultTower, hidden: [64, 32] },
  logits(inputs, tower) {
    const { g } = inputs
    const past = maskedMean(g, historyTokens(inputs, 'time'), inputs.plain('history.mask'))
    const item = itemTokens(inputs, 'candidate')
    const liking = { of: item, by: g.add(past, inputs.embedded('viewer')) }
    return towers(
      inputs,
      {
        request: [past, inputs.embedded('viewer'), contextToken(inputs), inputs.plain('present')],
        candidate: [item, liking, ...inputs.denseParts],
      },
      tower,
    )
  },
}
