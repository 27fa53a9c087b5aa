import { glorotUniform, type Tensor, zeros } from '../../graph/index.ts'
import { POSITIONS } from '../ranking-inputs.ts'
import type { RankingTensors } from '../ranking-tensors.ts'
import { dense } from './dense.ts'
import { joined, type Parts } from './joined.ts'
import { mlp } from './mlp.ts'

export interface TowerConfig {
  /** Units of the shared layers, first to last. */
  readonly hidden: readonly number[]
  /** 0: all heads read the shared layers (shared bottom). From 2 on: a mixture of so many experts with a gate per head. */
  readonly experts: number
}

export const defaultTower: TowerConfig = { hidden: [256, 128, 64], experts: 0 }

/** [R, K, heads] logits of all heads, from request parts and candidate parts. */
export function towers(inputs: RankingTensors, parts: Parts, { hidden, experts }: TowerConfig): Tensor {
  const { g, spec } = inputs
  const [first, ...rest] = hidden
  if (first === undefined) throw new RangeError('Cannot build towers without a hidden layer')
  const bottom = joined(g, parts, 'tower/joined', first)
  if (experts === 0) return dense(g, mlp(g, bottom, 'tower', rest), 'tower/logits', spec.heads.length)
  return mixture(inputs, bottom, rest.length > 0 ? (rest.at(-1) as number) : first, experts)
}

/**
 * Multi-gate mixture of experts (Ma et al. 2018, "MMoE"): head h reads the sum of the experts' outputs, weighted by
 * softmax(x G_h), through a tower of its own. All experts are one layer, all gates are one layer.
 */
function mixture({ g, spec }: RankingTensors, x: Tensor, width: number, experts: number): Tensor {
  const [requests, candidates] = x.shape as readonly [number, number]
  const rows = requests * candidates
  const heads = spec.heads.length
  const said = dense(g, x, 'tower/experts', experts * width, { activation: g.relu })
  const gates = g.softmax(g.reshape(dense(g, x, 'tower/gates', heads * experts), [rows, heads, experts]))
  const mixed = g.matmul(gates, g.reshape(said, [rows, experts, width])) // [rows, heads, width]
  const each = g.transpose(mixed, [1, 0, 2]) // [heads, rows, width]
  const hidden = g.relu(g.matmul(each, g.parameter('tower/heads/inner', [heads, width, width], glorotUniform)))
  const logits = g.matmul(hidden, g.parameter('tower/heads/out', [heads, width, 1], glorotUniform)) // [heads, rows, 1]
  const shaped = g.reshape(g.transpose(g.reshape(logits, [heads, rows]), [1, 0]), [requests, candidates, heads])
  return g.add(shaped, g.parameter('tower/heads/bias', [heads], zeros))
}

/**
 * [R, K, heads] what the place in the slate adds to each head's logit: a shallow tower (Zhao et al. 2019, "Recommending
 * what video to watch next", section 4.2) with a row per surface and position. It takes the bias of position upon
 * itself in training; serving does not know the position and adds the row of unknown, alike for all candidates.
 */
export function positionBias(inputs: RankingTensors): Tensor {
  const { g, spec } = inputs
  const table = g.parameter('position/table', [spec.surfaces * POSITIONS, spec.heads.length], zeros)
  return g.gatherRows(table, inputs.plain('position'))
}
