import type { Graph, Tensor } from '../../graph/index.ts'

/**
 * Inner products of all pairs of different vectors (Naumov et al. 2019, "DLRM"): fields [n, F, d] to [n, F (F - 1) / 2],
 * in the order (1,0), (2,0), (2,1), (3,0) ...
 */
export function dotInteractions(g: Graph, fields: Tensor): Tensor {
  const [rows, count] = fields.shape as readonly [number, number]
  const below: number[] = []
  for (let i = 0; i < count; i++) for (let j = 0; j < i; j++) below.push(i * count + j)
  const products = g.matmul(fields, fields, { transposeB: true }) // [n, F, F]
  return g.gatherColumns(g.reshape(products, [rows, count * count]), below)
}
