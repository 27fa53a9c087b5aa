import type { Graph, Tensor } from '../../graph/index.ts'
import { dense } from './dense.ts'

export interface AttentionOptions {
  /** Divides the width. */
  readonly heads: number
  /** Added to the scores, broadcast to [batch, heads, queries, keys]: masks, distances. */
  readonly bias?: Tensor
}

/**
 * Multi-head attention (Vaswani et al. 2017): [batch, queries, width] looks at [batch, keys, width] and gives
 * [batch, queries, units], where units is the queries' width. Keys have no bias: softmax would cancel it.
 * Parameters `name/query`, `name/key`, `name/value`, `name/out`.
 */
export function attention(g: Graph, queries: Tensor, keys: Tensor, name: string, options: AttentionOptions): Tensor {
  const { heads, bias } = options
  const [batch, length, width] = queries.shape as readonly [number, number, number]
  if (width % heads !== 0) throw new RangeError(`Cannot split width ${width} of "${name}" into ${heads} heads`)
  const split = (x: Tensor): Tensor =>
    g.transpose(g.reshape(x, [batch, x.shape[1] as number, heads, width / heads]), [0, 2, 1, 3])

  const q = split(dense(g, queries, `${name}/query`, width))
  const k = split(dense(g, keys, `${name}/key`, width, { bias: false }))
  const v = split(dense(g, keys, `${name}/value`, width))
  const heard = g.transpose(g.attention(q, k, v, bias), [0, 2, 1, 3]) // [batch, queries, heads, width / heads]
  return dense(g, g.reshape(heard, [batch, length, width]), `${name}/out`, width)
}

export const selfAttention = (g: Graph, x: Tensor, name: string, options: AttentionOptions): Tensor =>
  attention(g, x, x, name, options)

/**
 * [rows, 1, length, length] to be added to scores: place i may look at places up to i of its own segment, so that several
 * sequences can share a row of the batch and never meet.
 *
 * @param segments int32 [rows, length]
 */
export function causalBias(g: Graph, segments: Tensor): Tensor {
  const [rows, length] = segments.shape as readonly [number, number]
  const own = g.equal(g.reshape(segments, [rows, 1, length, 1]), g.reshape(segments, [rows, 1, 1, length]))
  const past = Float32Array.from({ length: length * length }, (_, i) => (i % length > Math.floor(i / length) ? 0 : 1))
  // One mask of both: two masks added would reach numbers whose exponential is a denormal, which is slow.
  return g.maskBias(g.mul(own, g.constant(past, [length, length])))
}
