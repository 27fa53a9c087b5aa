import type { Graph } from '../graph.ts'
import type { Tensor } from '../tensor.ts'
import { weightedMean } from './weighted-mean.ts'

/** Mean of (prediction - target)^2. */
export function meanSquaredError(g: Graph, predictions: Tensor, targets: Tensor, weights?: Tensor): Tensor {
  return weightedMean(g, g.square(g.sub(predictions, targets)), weights)
}
