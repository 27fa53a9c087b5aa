import { Graph, type Shape, sizeOf, type Tensor } from '../graph/index.ts'
import type { FeatureSpec } from './feature-spec.ts'
import { positionBias } from './layers/heads.ts'
import { RankingTensors } from './ranking-tensors.ts'

/**
 * A ranking model: from the inputs of a batch to one logit per request, candidate and head. The law: a candidate's
 * logits depend on its request and on itself only, never on the other candidates.
 */
export interface RankingModel<C> {
  readonly name: string
  /** Where it comes from. */
  readonly citation: string
  /** Complete configuration; what is given replaces single values. */
  readonly defaults: C
  /** [R, K, heads] */
  logits(inputs: RankingTensors, config: C): Tensor
}

/** R requests with K candidates each. Training: many of both. Serving: one request with all its candidates. */
export interface RankerShape {
  readonly requests: number
  readonly candidates: number
}

export interface Ranker {
  readonly g: Graph
  readonly inputs: RankingTensors
  /** [R, K, heads] */
  readonly logits: Tensor
}

/** One builder for training and serving: the same parameters whatever the shape. */
export function buildRanker<C>(
  model: RankingModel<C>,
  spec: FeatureSpec,
  { requests, candidates }: RankerShape,
  config: Partial<C> = {},
): Ranker {
  const g = new Graph()
  const inputs = new RankingTensors(g, spec, requests, candidates)
  const logits = g.add(model.logits(inputs, { ...model.defaults, ...config }), positionBias(inputs))
  return { g, inputs, logits }
}

/** A part of shape [R, K, ...] flattened to [R, K, width]. */
export function perCandidate(inputs: RankingTensors, x: Tensor): Tensor {
  const { requests, candidates, g } = inputs
  return g.reshape(x, [requests, candidates, sizeOf(x.shape) / requests / candidates] satisfies Shape)
}
