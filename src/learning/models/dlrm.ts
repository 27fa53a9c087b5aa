import type { Tensor } from '../graph/index.ts'
import { crossLayers } from './layers/cross.ts'
import { dense } from './layers/dense.ts'
import { dotInteractions } from './layers/dot-interactions.ts'
import { defaultTower, type TowerConfig, towers } from './layers/heads.ts'
import { mlp } from './layers/mlp.ts'
import { maskedMean } from './layers/pool.ts'
import { contextToken, historyTokens, type Positions } from './layers/tokens.ts'
import type { RankingModel } from './ranker.ts'

export interface DlrmConfig extends TowerConfig {
  /** Units of the layers over the dense features; the width of an embedding follows. */
  readonly bottom: readonly number[]
  /** How features meet: inner products of all pairs, or cross layers of DCN-v2. */
  readonly interaction: 'dot' | 'cross'
  /** With cross layers: their number, and the rank of their matrices. */
  readonly crosses: number
  readonly rank: number
  readonly positions: Positions
}

/** Deep Learning Recommendation Model: dense features become one more embedding, and all embeddings meet in pairs. */
export const dlrm: RankingModel<DlrmConfig> = {
  name: 'dlrm',
  citation: 'Naumov et al. 2019, arXiv:1906.00091; cross layers: Wang et al. 2021, "DCN V2", arXiv:2008.13535',
  defaults: { ...defaultTower, bottom: [128, 64], interaction: 'dot', crosses: 2, rank: 32, positions: 'time' },
  logits(inputs, { bottom, interaction, crosses, rank, positions, ...tower }) {
    const { g, spec, requests, candidates } = inputs
    const { width } = spec
    const past = maskedMean(g, historyTokens(inputs, positions), inputs.plain('history.mask'))
    const ofRequest = [past, inputs.embedded('viewer'), contextToken(inputs)]
    const ofCandidate = (['item', 'creator', 'category'] as const).map((name) => inputs.embedded(`candidate.${name}`))
    const lifted = inputs.hasDense
      ? [dense(g, mlp(g, inputs.dense, 'bottom', bottom), 'bottom/out', width, { activation: g.relu })]
      : []
    const repeated = ofRequest.map((x) =>
      g.broadcastTo(g.reshape(x, [requests, 1, width]), [requests, candidates, width]),
    )
    const all = g.concat([...lifted, ...ofCandidate, ...repeated]) // [R, K, F d]
    const count = lifted.length + ofCandidate.length + repeated.length
    const met: Tensor =
      interaction === 'dot'
        ? dotInteractions(g, g.reshape(all, [requests * candidates, count, width]))
        : crossLayers(g, all, 'cross', { layers: crosses, rank })
    const flat = g.reshape(met, [requests, candidates, met.shape.at(-1) as number])
    const parts = { request: [inputs.plain('present')], candidate: [...lifted, flat] }
    return towers(inputs, parts, tower)
  },
}
