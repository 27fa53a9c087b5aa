import type { Tensor } from '../graph/index.ts'
import { type BstConfig, bst, bstDefaults, tower } from './bst.ts'
import { isolatedBlock } from './layers/isolated-block.ts'
import { norm } from './layers/norm.ts'
import { maskedMean } from './layers/pool.ts'
import { candidateTokens, historyTokens } from './layers/tokens.ts'
import type { RankingModel } from './ranker.ts'

/**
 * BST with candidate isolation: the history is encoded once per request, each candidate looks at the history and at
 * itself. The tower reads the candidate's place and the mean of the encoded history.
 */
export const bstIsolated: RankingModel<BstConfig> = {
  name: 'bst-isolated',
  citation: `${bst.citation}; candidate isolation as in xAI 2025, "x-algorithm"`,
  defaults: bstDefaults,
  logits(inputs, config) {
    const { g, spec, requests, candidates } = inputs
    const mask = inputs.plain('history.mask')
    const bias = g.maskBias(g.reshape(mask, [requests, 1, 1, spec.history]))
    let x = g.concat([historyTokens(inputs, config.positions), candidateTokens(inputs, config.positions)], 1)
    for (let block = 0; block < config.blocks; block++)
      x = isolatedBlock(g, x, bias, `block/${block}`, { heads: config.heads, hidden: 4 * spec.width })
    const [history, candidate] = g.split(norm(g, x, 'block/norm'), [spec.history, candidates], 1) as [Tensor, Tensor]
    return tower(inputs, [candidate], config, [maskedMean(g, history, mask)])
  },
}
