import type { Graph } from '../graph.ts'
import type { Tensor } from '../tensor.ts'
import { weightedMean } from './weighted-mean.ts'

/**
 * Mean of -log softmax(z)[label] over rows.
 *
 * @param logits [..., classes]
 * @param labels int32 [...] class of each row, or float [..., classes] a distribution over them (one-hot, or soft)
 * @param weights [...]
 */
export function softmaxCrossEntropy(g: Graph, logits: Tensor, labels: Tensor, weights?: Tensor): Tensor {
  const target = labels.dtype === 'int32' ? g.oneHot(labels, logits.shape.at(-1) ?? 1) : labels
  const losses = g.neg(g.sum(g.mul(g.logSoftmax(logits), target), [-1]))
  return weightedMean(g, losses, weights)
}
