import type { Graph } from '../graph.ts'
import type { Tensor } from '../tensor.ts'

/**
 * sum(w l) / max(sum(w), tiny), where weights broadcast to the losses first; the plain mean without weights.
 * Dividing by the weights' sum makes padding free: a row that weighs 0 changes neither loss nor gradient. A batch of
 * nothing but padding has loss 0.
 */
export function weightedMean(g: Graph, losses: Tensor, weights?: Tensor): Tensor {
  if (weights === undefined) return g.mean(losses)
  const spread = g.broadcastTo(weights, losses.shape)
  return g.div(g.sum(g.mul(losses, weights)), g.maximum(g.sum(spread), 1e-12))
}
