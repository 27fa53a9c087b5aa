import { Graph, MASKED, type SampledSoftmax, sampledSoftmax, type Tensor, weightedMean } from '../graph/index.ts'
import type { FeatureSpec } from './feature-spec.ts'
import { dense } from './layers/dense.ts'
import { lateMask } from './layers/late.ts'
import { mlp } from './layers/mlp.ts'
import { norm } from './layers/norm.ts'
import { maskedMean } from './layers/pool.ts'
import { contextToken, historyTokens, type Positions } from './layers/tokens.ts'
import { transformerBlock } from './layers/transformer.ts'
import { RankingTensors } from './ranking-tensors.ts'

/**
 * Two towers that meet in an inner product: the viewer's from history, id and context, the item's from id, creator,
 * categories and content - so an item nobody has met has its vector at once. Yi et al. 2019 (sampling-bias-corrected
 * softmax), Yang et al. 2020 (mixed negatives).
 */
export interface TwoTowerConfig {
  /** Units of the hidden layer of each tower. */
  readonly hidden: number
  /** Numbers of a vector that both towers give, of length 1. */
  readonly units: number
  /** Transformer blocks over the history; 0: only its mean. */
  readonly blocks: number
  /** Attention heads; divides the width of an embedding. */
  readonly heads: number
  readonly positions: Positions
  /** Divides the logits. */
  readonly temperature: number
  /** Does the viewer's tower read who the viewer is, beside what they did? */
  readonly viewer: boolean
}

export const twoTowerDefaults: TwoTowerConfig = {
  hidden: 128,
  units: 64,
  blocks: 1,
  heads: 4,
  positions: 'order', // by time, what is learnt within sessions would mean nothing to who comes back after a month
  temperature: 0.07,
  viewer: false,
}

export interface Tower {
  readonly g: Graph
  readonly inputs: RankingTensors
  /** [R, units] or [C, units], each of length 1. */
  readonly vectors: Tensor
}

/** The viewer's tower for R requests. */
export function userTower(spec: FeatureSpec, requests: number, config: TwoTowerConfig, g = new Graph()): Tower {
  const inputs = new RankingTensors(g, spec, requests, 1)
  const mask = inputs.plain('history.mask')
  let x = historyTokens(inputs, config.positions)
  const bias = g.maskBias(g.reshape(mask, [requests, 1, 1, spec.history]))
  for (let block = 0; block < config.blocks; block++) {
    const options = { heads: config.heads, hidden: 4 * spec.width, bias }
    x = transformerBlock(g, x, `user/block/${block}`, options)
  }
  const encoded = config.blocks > 0 ? norm(g, x, 'user/norm') : x
  // Flush right: the last place is the latest entry. Where there is no history, it is padding and is taken away.
  const there = g.slice(mask, 1, spec.history - 1, spec.history)
  const latest = g.mul(g.reshape(g.slice(encoded, 1, spec.history - 1, spec.history), [requests, spec.width]), there)
  const parts = [maskedMean(g, encoded, mask), latest, contextToken(inputs)]
  if (config.viewer) parts.push(inputs.embedded('viewer'))
  return { g, inputs, vectors: top(g, g.concat(parts), 'user', config) }
}

/** The items' tower for C items. */
export function itemTower(spec: FeatureSpec, items: number, config: TwoTowerConfig, g = new Graph()): Tower {
  const inputs = new RankingTensors(g, spec, 1, items)
  const parts = [...(['item', 'creator', 'category'] as const).map((name) => inputs.embedded(`candidate.${name}`))]
  const all = g.concat([...parts, inputs.plain('content')]) // [1, C, width]
  const flat = g.reshape(all, [items, all.shape[2] as number])
  return { g, inputs, vectors: top(g, flat, 'item', config) }
}

export interface TwoTowerShape {
  readonly requests: number
  /** The positives of all requests, then the drawn negatives. */
  readonly candidates: number
  /** Are the other requests' positives negatives too? */
  readonly inBatch: boolean
  /** Is an item that came out after a request no negative of it? Then the times of both are inputs. Default no. */
  readonly timed?: boolean
}

export interface TwoTowerTraining {
  readonly g: Graph
  readonly user: Tower
  readonly item: Tower
  readonly loss: Tensor
}

/**
 * Both towers and the softmax of each viewer's item among all candidates of the batch: the first R candidates are the
 * positives, in order, the rest are negatives for all. Takes the inputs `items` (int32 [C] rows: accidental hits are
 * masked by them), `log.q` [C] and `weights` [R]; when timed, `since` [C] and `moments` [R], in one unit: an item is
 * masked for requests before it was there.
 */
export function twoTowerTraining(
  spec: FeatureSpec,
  { requests, candidates, inBatch, timed = false }: TwoTowerShape,
  config: TwoTowerConfig,
): TwoTowerTraining {
  const g = new Graph()
  const user = userTower(spec, requests, config, g)
  const item = itemTower(spec, candidates, config, g)
  const softmax: TowersSoftmax = {
    queries: g.mul(user.vectors, 1 / config.temperature),
    candidates: item.vectors,
    items: g.input('items', [candidates], 'int32'),
    logQ: g.input('log.q', [candidates]),
    weights: g.input('weights', [requests]),
    ...(timed && { masked: lateMask(g, requests, candidates) }),
  }
  return { g, user, item, loss: inBatch ? sampledSoftmax(g, softmax) : drawnSoftmax(g, softmax) }
}

type TowersSoftmax = Required<Omit<SampledSoftmax, 'masked'>> & Pick<SampledSoftmax, 'masked'>

/** The same against the drawn negatives only: the positives of other rows are no candidates. */
function drawnSoftmax(g: Graph, { queries, candidates, items, logQ, masked, weights }: TowersSoftmax): Tensor {
  const rows = queries.shape[0] as number
  const drawn = (candidates.shape[0] as number) - rows
  const parts = <T extends Tensor>(x: T): readonly [Tensor, Tensor] => g.split(x, [rows, drawn], 0) as [Tensor, Tensor]
  const [own, others] = parts(candidates)
  const [ownItems, otherItems] = parts(items)
  const [ownQ, otherQ] = parts(logQ)
  const positives = g.sub(g.sum(g.mul(queries, own), [-1]), ownQ) // [rows]
  const hits = g.mul(g.equal(g.reshape(ownItems, [rows, 1]), g.reshape(otherItems, [1, drawn])), MASKED)
  const scores = g.sub(g.matmul(queries, others, { transposeB: true }), g.reshape(otherQ, [1, drawn]))
  const late = masked === undefined ? hits : g.add(hits, g.slice(masked, 1, rows, rows + drawn))
  const all = g.concat([g.reshape(positives, [rows, 1]), g.add(scores, late)])
  return weightedMean(g, g.sub(g.reshape(g.logSumExp(all), [rows]), positives), weights)
}

function top(g: Graph, x: Tensor, name: string, { hidden, units }: TwoTowerConfig): Tensor {
  return g.unit(dense(g, mlp(g, x, name, [hidden]), `${name}/out`, units))
}
