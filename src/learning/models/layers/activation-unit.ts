import { filled, type Graph, type Tensor } from '../../graph/index.ts'
import { dense } from './dense.ts'

/** Hidden layers of the unit, as in the authors' code. */
const FIRST = 80
const SECOND = 40

/**
 * The local activation unit (Zhou et al. 2018, "DIN", section 4.3): a small network says how much each history entry
 * matters for each candidate; the weighted sum, not normalised, is the viewer's interest in the candidate.
 *
 * Its first layer over [h, t, h - t, h * t] is W1 h + W2 t + W3 (h - t) + W4 (h * t) = (W1 + W3) h + (W2 - W3) t + W4
 * (h * t): three matrices say the same, and the first two products are computed once per entry and per candidate.
 *
 * @param history [R, T, d]
 * @param candidates [R, K, d]
 * @param mask [R, T]
 * @returns [R, K, d]
 */
export function interest(g: Graph, history: Tensor, candidates: Tensor, mask: Tensor, name: string): Tensor {
  const [requests, length, width] = history.shape as readonly [number, number, number]
  const count = candidates.shape[1] as number
  const entry = g.reshape(history, [requests, 1, length, width])
  const target = g.reshape(candidates, [requests, count, 1, width])
  const ofEntry = dense(g, entry, `${name}/entry`, FIRST, { bias: false })
  const ofTarget = dense(g, target, `${name}/candidate`, FIRST)
  const ofBoth = dense(g, g.mul(entry, target), `${name}/product`, FIRST, { bias: false }) // [R, K, T, FIRST]
  const first = prelu(g, g.add(g.add(ofBoth, ofEntry), ofTarget), `${name}/slope/0`)
  const second = prelu(g, dense(g, first, `${name}/second`, SECOND), `${name}/slope/1`)
  const weights = g.reshape(dense(g, second, `${name}/weight`, 1), [requests, count, length])
  return g.matmul(g.mul(weights, g.reshape(mask, [requests, 1, length])), history)
}

/** max(0, x) + slope min(0, x) with a trained slope per unit (He et al. 2015). */
function prelu(g: Graph, x: Tensor, name: string): Tensor {
  const slope = g.parameter(name, [x.shape.at(-1) as number], filled(0.25))
  return g.sub(g.relu(x), g.mul(slope, g.relu(g.neg(x))))
}
