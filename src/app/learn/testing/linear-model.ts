import { emitModel, Graph, zeros } from '../../../learning/graph/index.ts'

/** An ONNX file as another tool may write it: features [rows, columns] times weights. Centred: minus the mean of all rows. */
export function linearModel(weights: readonly number[], { rows = 200, centred = false } = {}): Uint8Array {
  const g = new Graph()
  const features = g.input('features', [rows, weights.length])
  const product = g.matmul(features, g.parameter('w', [weights.length, 1], zeros))
  const logits = centred ? g.sub(product, g.mean(product, [0], { keep: true })) : product
  return emitModel(g, { logits }, { weights: Float32Array.from(weights) })
}
