import { glorotUniform, type Graph, type Tensor } from '../../graph/index.ts'
import { dense } from './dense.ts'

export interface CrossOptions {
  /** Layers: products of up to layers + 1 features. */
  readonly layers: number
  /** Rank of W; the full matrix when left out. */
  readonly rank?: number
}

/**
 * Cross layers of DCN-v2 (Wang et al. 2021, "DCN V2", equations 1 and 2): x' = x0 * (W x + b) + x, elementwise, where W is
 * full or U V^T of low rank. Shape stays [..., width].
 */
export function crossLayers(g: Graph, start: Tensor, name: string, { layers, rank }: CrossOptions): Tensor {
  const width = start.shape.at(-1) as number
  let x = start
  for (let layer = 0; layer < layers; layer++) {
    const narrow =
      rank === undefined ? x : g.matmul(x, g.parameter(`${name}/${layer}/narrow`, [width, rank], glorotUniform))
    x = g.add(g.mul(start, dense(g, narrow, `${name}/${layer}`, width)), x)
  }
  return x
}
