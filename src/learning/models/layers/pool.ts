import type { Graph, Tensor } from '../../graph/index.ts'

/** Mean of x [R, T, d] over the places where mask [R, T] is 1: [R, d]; zeros where there is none. */
export function maskedMean(g: Graph, x: Tensor, mask: Tensor): Tensor {
  const [rows, length, width] = x.shape as readonly [number, number, number]
  const sum = g.reshape(g.matmul(g.reshape(mask, [rows, 1, length]), x), [rows, width])
  return g.div(sum, g.maximum(g.sum(mask, [1], { keep: true }), 1))
}
