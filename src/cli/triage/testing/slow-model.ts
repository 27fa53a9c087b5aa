import { emitModel, Graph, zeros } from '../../../learning/graph/index.ts'

const WIDTH = 512

/** A ranking model of one column as an ONNX file, that takes so many times the product of its width with itself. */
export function slowModel(rounds: number): Uint8Array {
  const g = new Graph()
  const features = g.input('features', [200, 1])
  const square = g.parameter('square', [WIDTH, WIDTH], zeros)
  let hidden = g.matmul(features, g.parameter('first', [1, WIDTH], zeros))
  for (let round = 0; round < rounds; round++) hidden = g.matmul(hidden, square)
  const logits = g.matmul(hidden, g.parameter('last', [WIDTH, 1], zeros))
  return emitModel(g, { logits }, { weights: new Float32Array(WIDTH * WIDTH + 2 * WIDTH).fill(1 / WIDTH) })
}
