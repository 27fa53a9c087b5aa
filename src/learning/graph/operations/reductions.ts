import { reducedShape } from '../shape.ts'
import type { Node, Tensor } from '../tensor.ts'
import type { Vocabulary } from '../vocabulary.ts'
import type { Rule, Rules } from './contract.ts'
import { unary } from './elementwise.ts'

/** dy with the reduced axes back as axes of length 1. */
const kept = (g: Vocabulary, { inputs: [x], attributes }: Node<'sum' | 'max'>, dy: Tensor): Tensor =>
  g.reshape(dy, reducedShape(x.shape, attributes.axes, true))

function reduction<O extends 'sum' | 'max'>(
  operator: string,
  gradient: (g: Vocabulary, node: Node<O>, dy: Tensor) => Tensor,
): Rule<O> {
  return {
    outputs: ([x], { axes, keep }) => [{ shape: reducedShape(x.shape, axes, keep), dtype: 'float32' }],
    gradient: (g, node, [dy]) => [gradient(g, node, dy)],
    onnx: (e, { inputs: [x], outputs, attributes: { axes, keep } }) =>
      e.node(operator, [x, e.ints(axes)], outputs, { keepdims: keep ? 1 : 0 }),
  }
}

export const reductions: Rules<'sum' | 'max' | 'softmax' | 'logSoftmax'> = {
  sum: reduction('ReduceSum', (g, node, dy) => g.broadcastTo(kept(g, node, dy), node.inputs[0].shape)),
  /** Equal maxima share the gradient equally. */
  max: reduction('ReduceMax', (g, node, dy) => {
    const [x] = node.inputs
    const winners = g.equal(x, kept(g, node, node.outputs[0]))
    const share = g.div(kept(g, node, dy), g.sum(winners, node.attributes.axes, { keep: true }))
    return g.mul(winners, share)
  }),
  /** Along the last axis. dx = y (dy - sum(dy y)). */
  softmax: {
    ...unary('Softmax', (g, dy, { y }) => {
      const weighted = g.mul(dy, y)
      return g.sub(weighted, g.mul(y, g.sum(weighted, [-1], { keep: true })))
    }),
    onnx: (e, { inputs, outputs }) => e.node('Softmax', inputs, outputs, { axis: -1 }),
  },
  /** Along the last axis. dx = dy - e^y sum(dy). */
  logSoftmax: {
    ...unary('LogSoftmax', (g, dy, { y }) => g.sub(dy, g.mul(g.exp(y), g.sum(dy, [-1], { keep: true })))),
    onnx: (e, { inputs, outputs }) => e.node('LogSoftmax', inputs, outputs, { axis: -1 }),
  },
}
