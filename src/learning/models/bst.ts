import { MASKED, type Tensor } from '../graph/index.ts'
import { defaultTower, type TowerConfig, towers } from './layers/heads.ts'
import { norm } from './layers/norm.ts'
import { maskedMean } from './layers/pool.ts'
import { candidateTokens, contextToken, historyTokens, type Positions } from './layers/tokens.ts'
import { transformerBlock } from './layers/transformer.ts'
import { perCandidate, type RankingModel } from './ranker.ts'
import type { RankingTensors } from './ranking-tensors.ts'

export interface BstConfig extends TowerConfig {
  /** Transformer blocks, 1 to 3; the paper found one the best. */
  readonly blocks: number
  /** Attention heads; divides the width. */
  readonly heads: number
  readonly positions: Positions
}

export const bstDefaults: BstConfig = { ...defaultTower, blocks: 1, heads: 4, positions: 'both' }

/**
 * Behavior Sequence Transformer: the candidate is the last entry of the sequence, all entries look at each other, and
 * the tower reads the whole sequence. The history is encoded once per candidate.
 *
 * Away from the paper: norms stand before the halves (its post-norm needs a warm-up), and the order is given beside the
 * time difference, for histories whose moments are coarse.
 */
export const bst: RankingModel<BstConfig> = {
  name: 'bst',
  citation:
    'Chen et al. 2019, "Behavior Sequence Transformer for E-commerce Recommendation in Alibaba", arXiv:1905.06874',
  defaults: bstDefaults,
  logits(inputs, config) {
    const sequence = sequencePerCandidate(inputs, config, false)
    return tower(inputs, [perCandidate(inputs, sequence)], config)
  },
}

/**
 * The same network under a mask that hides the candidate from the history, reading the candidate's place and the mean
 * of the history: what `bst-isolated` computes at a fraction of the cost. It stands here to be held against it.
 */
export const bstMasked: RankingModel<BstConfig> = {
  name: 'bst-masked',
  citation: bst.citation,
  defaults: bstDefaults,
  logits(inputs, config) {
    const { g, spec, requests, candidates } = inputs
    const [history, candidate] = g.split(sequencePerCandidate(inputs, config, true), [spec.history, 1], 1)
    const pooled = maskedMean(g, history as Tensor, copies(inputs, inputs.plain('history.mask')))
    const parts = [candidate as Tensor, g.reshape(pooled, [requests * candidates, 1, spec.width])]
    return tower(
      inputs,
      parts.map((part) => perCandidate(inputs, part)),
      config,
    )
  },
}

/** Parts of the sequence [R, K, ...], then the candidate's features. */
export function tower(
  inputs: RankingTensors,
  sequence: readonly Tensor[],
  { hidden, experts }: TowerConfig,
  request: readonly Tensor[] = [],
): Tensor {
  const candidate = inputs.hasDense ? [...sequence, inputs.dense] : sequence
  const context = [inputs.embedded('viewer'), contextToken(inputs), inputs.plain('present')]
  return towers(inputs, { request: [...request, ...context], candidate }, { hidden, experts })
}

/** [R K, T + 1, d] encoded. */
function sequencePerCandidate(
  inputs: RankingTensors,
  { blocks, heads, positions }: BstConfig,
  hidden: boolean,
): Tensor {
  const { g, spec, requests, candidates } = inputs
  const rows = requests * candidates
  const T = spec.history
  const target = g.reshape(candidateTokens(inputs, positions), [rows, 1, spec.width])
  const past = copies(inputs, historyTokens(inputs, positions))
  const mask = g.concat([copies(inputs, inputs.plain('history.mask')), g.broadcastTo(1, [rows, 1])])
  const seen = Float32Array.from({ length: (T + 1) ** 2 }, (_, i) =>
    hidden && i % (T + 1) === T && i < T * (T + 1) ? 0 : 1,
  )
  // One mask of both: two masks added would reach numbers whose exponential is a denormal, which is slow.
  const visible = g.mul(g.reshape(mask, [rows, 1, 1, T + 1]), g.constant(seen, [T + 1, T + 1]))
  const bias = g.mul(g.sub(visible, 1), -MASKED)
  let x = g.concat([past, target], 1)
  for (let block = 0; block < blocks; block++)
    x = transformerBlock(g, x, `block/${block}`, { heads, hidden: 4 * spec.width, bias })
  return norm(g, x, 'block/norm')
}

/** One copy per candidate: [R, ...] to [R K, ...]. */
function copies({ g, requests, candidates }: RankingTensors, x: Tensor): Tensor {
  const rest = x.shape.slice(1)
  const copied = g.broadcastTo(g.reshape(x, [requests, 1, ...rest]), [requests, candidates, ...rest])
  return g.reshape(copied, [requests * candidates, ...rest])
}
