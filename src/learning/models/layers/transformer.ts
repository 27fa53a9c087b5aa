import type { Graph, Tensor } from '../../graph/index.ts'
import { selfAttention } from './attention.ts'
import { dense } from './dense.ts'
import { norm } from './norm.ts'

export interface BlockOptions {
  readonly heads: number
  /** Inner width of the feed-forward part. */
  readonly hidden: number
  /** Added to the attention scores. */
  readonly bias?: Tensor
  /**
   * Multiplies what each half adds by sigmoid(x W + b), a gate of its own per place and dimension (LiGR: Borisyuk et al.
   * 2024, "LiGNN/LiGR", as in eSASRec). Default false.
   */
  readonly gated?: boolean
  /** relu(x A) B, or (silu(x A) x C) B (Shazeer 2020, "GLU variants"). Default relu. */
  readonly feedForward?: 'relu' | 'swiglu'
  /** Called on the output of each half, with the name of the half: dropout. */
  readonly drop?: (x: Tensor, name: string) => Tensor
}

/**
 * One transformer block with the norms before the halves (Xiong et al. 2020): x + attention(norm(x)), then
 * x + feedForward(norm(x)). Shapes stay [batch, length, width].
 */
export function transformerBlock(g: Graph, x: Tensor, name: string, options: BlockOptions): Tensor {
  const { heads, bias, hidden, gated = false, feedForward: kind = 'relu', drop = (value: Tensor) => value } = options
  const joined = (into: Tensor, added: Tensor, half: string): Tensor => {
    const dropped = drop(added, half)
    const gate = gated ? dense(g, into, `${half}/gate`, into.shape.at(-1) ?? 1, { activation: g.sigmoid }) : undefined
    return g.add(into, gate === undefined ? dropped : g.mul(dropped, gate))
  }
  const attended = selfAttention(g, norm(g, x, `${name}/attention/norm`), `${name}/attention`, {
    heads,
    ...(bias && { bias }),
  })
  const half = joined(x, attended, `${name}/attention`)
  const fed = feedForward(g, norm(g, half, `${name}/feed-forward/norm`), `${name}/feed-forward`, hidden, kind)
  return joined(half, fed, `${name}/feed-forward`)
}

/** Two layers, each place by itself: [..., width] to [..., width] through `hidden`. */
export function feedForward(
  g: Graph,
  x: Tensor,
  name: string,
  hidden: number,
  kind: 'relu' | 'swiglu' = 'relu',
): Tensor {
  const width = x.shape.at(-1) ?? 1
  const inner =
    kind === 'relu'
      ? dense(g, x, `${name}/inner`, hidden, { activation: g.relu })
      : g.mul(
          dense(g, x, `${name}/inner`, hidden, { activation: g.silu, bias: false }),
          dense(g, x, `${name}/linear`, hidden, { bias: false }),
        )
  return dense(g, inner, `${name}/out`, width)
}
