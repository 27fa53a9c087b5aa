import type { Tensor } from '../graph/index.ts'
import type { Ranker } from './ranker.ts'

export interface RankingLoss {
  /** One number. */
  readonly loss: Tensor
  /** [heads] sum of each head's losses, each weighed as its label is, before the heads' weights. */
  readonly sums: Tensor
}

/**
 * Binary cross entropy of every head: all labels lie in 0..1, probabilities and shares alike. Takes the inputs `labels`
 * and `label.weights` [R, K, heads] (0 where a label is unknown) and `weight` [R, K] (0 for padding), and divides the sum by
 * the impressions' weight, not by the known labels': a head with few labels has a small say, as in the likelihood.
 *
 * @param headWeights by head, in the order of the specification
 */
export function rankingLoss({ g, inputs, logits }: Ranker, headWeights: readonly number[]): RankingLoss {
  const { heads } = inputs.spec
  checkWeights(heads, headWeights)
  const labels = g.input('labels', logits.shape)
  const known = g.input('label.weights', logits.shape)
  const weight = g.input('weight', logits.shape.slice(0, 2))
  const each = g.sub(g.softplus(logits), g.mul(labels, logits))
  const perHead = g.sum(g.mul(each, known), [0, 1])
  const weighted = g.sum(g.mul(perHead, g.constant(Float32Array.from(headWeights))))
  return {
    loss: g.div(weighted, g.maximum(g.sum(weight), 1e-6)),
    sums: perHead,
  }
}

/**
 * Squared distance to a teacher's logits, all heads alike before their weights: what the coarse ranker learns from. At
 * high temperature this is what distillation by probabilities becomes (Hinton et al. 2015, section 2.1), and rare heads
 * teach as much as frequent ones. Takes the same inputs; `labels` are logits.
 */
export function distillationLoss({ g, inputs, logits }: Ranker, headWeights: readonly number[]): RankingLoss {
  const { heads } = inputs.spec
  checkWeights(heads, headWeights)
  const labels = g.input('labels', logits.shape)
  const known = g.input('label.weights', logits.shape)
  const weight = g.input('weight', logits.shape.slice(0, 2))
  const perHead = g.sum(g.mul(g.square(g.sub(logits, labels)), known), [0, 1])
  const weighted = g.sum(g.mul(perHead, g.constant(Float32Array.from(headWeights))))
  return {
    loss: g.div(weighted, g.maximum(g.sum(weight), 1e-6)),
    sums: perHead,
  }
}

function checkWeights(heads: readonly string[], weights: readonly number[]): void {
  if (weights.length !== heads.length || !weights.every((weight) => weight >= 0))
    throw new RangeError(`Cannot weigh ${heads.length} heads by [${weights.join(', ')}]: one weight each, from 0`)
}
