import { type Graph, ones, type Tensor, zeros } from '../../graph/index.ts'

/** Layer normalisation over the last axis with trained gain and shift: `name/gain`, `name/shift`. */
export function norm(g: Graph, x: Tensor, name: string): Tensor {
  const width = x.shape.at(-1) ?? 1
  return g.layerNorm(x, g.parameter(`${name}/gain`, [width], ones), g.parameter(`${name}/shift`, [width], zeros))
}
