import { type Graph, MASKED, type Tensor } from '../../graph/index.ts'

/**
 * [rows, candidates] to be added to logits: MASKED where a candidate was not there yet, else 0. Declares the inputs `moments`
 * [rows] and `since` [candidates], in one unit.
 */
export function lateMask(g: Graph, rows: number, candidates: number): Tensor {
  const moments = g.reshape(g.input('moments', [rows]), [rows, 1])
  return g.mul(g.step(g.sub(g.reshape(g.input('since', [candidates]), [1, candidates]), moments)), MASKED)
}
