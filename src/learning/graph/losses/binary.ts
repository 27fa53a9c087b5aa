import type { Graph } from '../graph.ts'
import type { Tensor } from '../tensor.ts'
import { weightedMean } from './weighted-mean.ts'

/**
 * Mean of -y log s(z) - (1 - y) log(1 - s(z)) with s the logistic function, written softplus(z) - y z: exact for any
 * finite logit, no logarithm of a rounded 0. Labels may lie between 0 and 1.
 *
 * @param logits any shape
 * @param labels the same shape
 * @param weights the same shape or one that broadcasts to it; padding rows weigh 0
 */
export function binaryCrossEntropy(g: Graph, logits: Tensor, labels: Tensor, weights?: Tensor): Tensor {
  return weightedMean(g, g.sub(g.softplus(logits), g.mul(labels, logits)), weights)
}
