import type { Graph, Tensor } from '../../graph/index.ts'
import { dense } from './dense.ts'

/** Dense layers with relu: [..., in] to [..., last of units]. */
export function mlp(g: Graph, x: Tensor, name: string, units: readonly number[]): Tensor {
  return units.reduce((value, width, i) => dense(g, value, `${name}/${i}`, width, { activation: g.relu }), x)
}
