import type { Graph } from '../graph.ts'
import type { Tensor } from '../tensor.ts'
import { MASKED } from '../vocabulary.ts'
import { weightedMean } from './weighted-mean.ts'

export interface SampledSoftmax {
  /** [rows, width], scaled by 1 / temperature by the caller. */
  readonly queries: Tensor
  /** [rows + extra, width]: candidate i is the positive of row i, the rest are negatives for all rows. */
  readonly candidates: Tensor
  /** int32 [rows + extra]: items of the candidates. Another column with the row's own item is no negative: it is masked. */
  readonly items?: Tensor
  /**
   * [rows + extra] log of the probability (or expected count) with which the batch holds the candidate, taken off its
   * logit, so that frequent items are not punished for being drawn often (Yi et al. 2019, "Sampling-bias-corrected
   * neural modeling"; applied to the positive too, as there).
   */
  readonly logQ?: Tensor
  /** [rows, columns] added to the logits: MASKED where a column is no candidate of the row, else 0. */
  readonly masked?: Tensor
  /** [rows] */
  readonly weights?: Tensor
}

/** Mean over rows of log-sum-exp of all logits minus the positive's: in-batch softmax, with shared extra negatives. */
export function sampledSoftmax(g: Graph, softmax: SampledSoftmax): Tensor {
  const { queries, candidates, items, logQ, masked, weights } = softmax
  const [rows] = queries.shape as readonly [number]
  const [columns] = candidates.shape as readonly [number]
  if (columns < rows) {
    throw new RangeError(`Cannot take ${columns} candidates for ${rows} rows: the first ${rows} are the positives`)
  }
  let logits = g.matmul(queries, candidates, { transposeB: true }) // [rows, columns]
  if (logQ !== undefined) logits = g.sub(logits, g.reshape(logQ, [1, columns]))
  if (items !== undefined) logits = g.add(logits, accidentalHits(g, items, rows, columns))
  if (masked !== undefined) logits = g.add(logits, masked)

  const positives = g.sum(g.mul(queries, g.slice(candidates, 0, 0, rows)), [-1]) // [rows]
  const corrected = logQ === undefined ? positives : g.sub(positives, g.slice(logQ, 0, 0, rows))
  return weightedMean(g, g.sub(g.reshape(g.logSumExp(logits), [rows]), corrected), weights)
}

/** [rows, columns]: MASKED where a column other than the row's own holds the row's item, else 0. */
function accidentalHits(g: Graph, items: Tensor, rows: number, columns: number): Tensor {
  const same = g.equal(g.reshape(g.slice(items, 0, 0, rows), [rows, 1]), g.reshape(items, [1, columns]))
  const places = Int32Array.from({ length: columns }, (_, i) => i)
  const own = g.equal(g.constant(places.slice(0, rows), [rows, 1]), g.constant(places, [1, columns])) // the diagonal
  return g.mul(g.sub(same, own), MASKED)
}
