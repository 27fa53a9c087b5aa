import { broadcast, sayShape } from '../shape.ts'
import type { Tensor } from '../tensor.ts'
import type { Vocabulary } from '../vocabulary.ts'
import type { Op } from './attributes.ts'
import { native, noGradient, type Rule, type Rules } from './contract.ts'
import { reduceTo } from './reduce-to.ts'

type BinaryOp = 'add' | 'sub' | 'mul' | 'div' | 'maximum'
type UnaryOp = 'neg' | 'exp' | 'log' | 'sqrt' | 'square' | 'abs'

/** y = f(a, b) with broadcasting. The gradients are written at the full shape and summed back to each operand's. */
function binary<O extends BinaryOp>(
  operator: string,
  gradient: (g: Vocabulary, dy: Tensor, values: { a: Tensor; b: Tensor; y: Tensor }) => readonly [Tensor, Tensor],
): Rule<O> {
  return {
    outputs: ([a, b]) => [{ shape: broadcast(a.shape, b.shape), dtype: 'float32' }],
    gradient: (g, { inputs: [a, b], outputs: [y] }, [dy]) => {
      const [da, db] = gradient(g, dy, { a, b, y })
      return [reduceTo(g, da, a.shape), reduceTo(g, db, b.shape)]
    },
    onnx: native(operator),
  }
}

/** y = f(x), element by element. */
export function unary<O extends Op>(
  operator: string,
  gradient: (g: Vocabulary, dy: Tensor, values: { x: Tensor; y: Tensor }) => Tensor,
): Rule<O> {
  return {
    outputs: ([x]) => [{ shape: x.shape, dtype: 'float32' }],
    gradient: (g, { inputs: [x], outputs: [y] }, [dy]) => [gradient(g, dy, { x, y })],
    onnx: native(operator),
  }
}

export const elementwise: Rules<BinaryOp | UnaryOp | 'power' | 'equal'> = {
  add: binary('Add', (_, dy) => [dy, dy]),
  sub: binary('Sub', (g, dy) => [dy, g.neg(dy)]),
  mul: binary('Mul', (g, dy, { a, b }) => [g.mul(dy, b), g.mul(dy, a)]),
  div: binary('Div', (g, dy, { b, y }) => {
    const da = g.div(dy, b)
    return [da, g.neg(g.mul(da, y))]
  }),
  /** Where both are equal the second operand has the gradient. */
  maximum: binary('Max', (g, dy, { a, b }) => {
    const da = g.mul(dy, g.step(g.sub(a, b)))
    return [da, g.sub(dy, da)]
  }),

  neg: unary('Neg', (g, dy) => g.neg(dy)),
  exp: unary('Exp', (g, dy, { y }) => g.mul(dy, y)),
  log: unary('Log', (g, dy, { x }) => g.div(dy, x)),
  sqrt: unary('Sqrt', (g, dy, { y }) => g.div(g.mul(dy, 0.5), y)),
  square: {
    ...unary('Mul', (g, dy, { x }) => g.mul(g.mul(dy, 2), x)),
    onnx: (e, { inputs: [x], outputs }) => e.node('Mul', [x, x], outputs),
  },
  /** The gradient at 0 is 0. */
  abs: unary('Abs', (g, dy, { x }) => g.mul(dy, g.sub(g.step(x), g.step(g.neg(x))))),
  /** x^p for a constant p; x below 0 only for whole p. */
  power: {
    outputs: ([x]) => [{ shape: x.shape, dtype: 'float32' }],
    gradient: (g, { inputs: [x], attributes: { exponent } }, [dy]) => [
      g.mul(g.mul(dy, exponent), g.power(x, exponent - 1)),
    ],
    onnx: (e, { inputs: [x], outputs, attributes }) => e.node('Pow', [x, e.scalar(attributes.exponent)], outputs),
  },
  /** 1 where both are equal, else 0, as floats: ids against ids, positions against positions. */
  equal: {
    integers: 'any',
    outputs: ([a, b]) => {
      if (a.dtype !== b.dtype) {
        throw new RangeError(`Cannot compare ${a.dtype} ${sayShape(a.shape)} with ${b.dtype} ${sayShape(b.shape)}`)
      }
      return [{ shape: broadcast(a.shape, b.shape), dtype: 'float32' }]
    },
    gradient: noGradient,
    onnx: (e, { inputs, outputs }) => {
      const truth = e.fresh()
      e.node('Equal', inputs, [truth])
      e.node('Cast', [truth], outputs, { to: 1 })
    },
  },
}
