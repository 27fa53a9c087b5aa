import type { Graph, Tensor } from '../../graph/index.ts'
import { dense } from './dense.ts'
import { norm } from './norm.ts'
import { feedForward } from './transformer.ts'

export interface IsolatedOptions {
  readonly heads: number
  /** Inner width of the feed-forward part. */
  readonly hidden: number
}

/**
 * A transformer block with candidate isolation: history entries look at the history, each candidate looks at the history
 * and at itself, never at another candidate. Its parameters have the names and shapes of `transformerBlock`'s, and it
 * equals that block applied to one sequence [history, candidate] per candidate under a mask that hides the candidate
 * from the history - at the cost of one history per request instead of one per candidate.
 *
 * Places are projected together and part for the attention only.
 *
 * @param x [R, T + K, d]: T history entries, then K candidates
 * @param bias [R, 1, 1, T] added to scores: 0 for an entry, MASKED for padding
 */
export function isolatedBlock(
  g: Graph,
  x: Tensor,
  bias: Tensor,
  name: string,
  { heads, hidden }: IsolatedOptions,
): Tensor {
  const [requests, length, width] = x.shape as readonly [number, number, number]
  const T = bias.shape[3] as number
  if (width % heads !== 0) throw new RangeError(`Cannot split width ${width} of "${name}" into ${heads} heads`)
  const normed = norm(g, x, `${name}/attention/norm`)
  const part = (y: Tensor): readonly [Tensor, Tensor] => {
    const split = g.transpose(g.reshape(y, [requests, length, heads, width / heads]), [0, 2, 1, 3])
    return g.split(split, [T, length - T], 2) as [Tensor, Tensor] // each [R, heads, places, width / heads]
  }
  const [historyQ, candidateQ] = part(dense(g, normed, `${name}/attention/query`, width))
  const [historyK, candidateK] = part(dense(g, normed, `${name}/attention/key`, width, { bias: false }))
  const [historyV, candidateV] = part(dense(g, normed, `${name}/attention/value`, width))

  const ofHistory = g.attention(historyQ, historyK, historyV, bias)
  const scaled = g.mul(candidateQ, 1 / Math.sqrt(width / heads))
  const toHistory = g.add(g.matmul(scaled, historyK, { transposeB: true }), bias) // [R, heads, K, T]
  const toItself = g.sum(g.mul(scaled, candidateK), [-1], { keep: true }) // [R, heads, K, 1]
  const shares = g.softmax(g.concat([toHistory, toItself]))
  const [ofEntries, ofItself] = g.split(shares, [T, 1]) as [Tensor, Tensor]
  const ofCandidates = g.add(g.matmul(ofEntries, historyV), g.mul(ofItself, candidateV))

  const heard = g.transpose(g.concat([ofHistory, ofCandidates], 2), [0, 2, 1, 3]) // [R, T + K, heads, width / heads]
  const half = g.add(x, dense(g, g.reshape(heard, [requests, length, width]), `${name}/attention/out`, width))
  const fed = feedForward(g, norm(g, half, `${name}/feed-forward/norm`), `${name}/feed-forward`, hidden)
  return g.add(half, fed)
}
