import { noGradient, type Rules } from './contract.ts'
import { unary } from './elementwise.ts'

export const activations: Rules<'sigmoid' | 'tanh' | 'relu' | 'step' | 'gelu' | 'erf' | 'softplus'> = {
  sigmoid: unary('Sigmoid', (g, dy, { y }) => g.mul(dy, g.mul(y, g.sub(1, y)))),
  tanh: unary('Tanh', (g, dy, { y }) => g.mul(dy, g.sub(1, g.square(y)))),
  relu: unary('Relu', (g, dy, { y }) => g.mul(dy, g.step(y))),
  /**
   * 1 above 0, else 0. A hard sigmoid so steep that it is one: the runtime vectorises it, which it does not do for
   * Sign, Where or Cast(Greater) (three to seven times slower).
   */
  step: {
    ...unary('HardSigmoid', (g) => g.constant(0)),
    gradient: noGradient,
    onnx: (e, { inputs, outputs }) =>
      e.node('HardSigmoid', inputs, outputs, { alpha: { float: 1e38 }, beta: { float: 0 } }),
  },
  /** x Phi(x), exact (Hendrycks and Gimpel 2016); its derivative is Phi(x) + x phi(x). */
  gelu: unary('Gelu', (g, dy, { x }) => {
    const cumulative = g.mul(g.add(g.erf(g.mul(x, Math.SQRT1_2)), 1), 0.5)
    const density = g.mul(g.exp(g.mul(g.square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI))
    return g.mul(dy, g.add(cumulative, g.mul(x, density)))
  }),
  erf: unary('Erf', (g, dy, { x }) => g.mul(dy, g.mul(g.exp(g.neg(g.square(x))), 2 / Math.sqrt(Math.PI)))),
  /** log(1 + e^x). The runtime does it one by one: for logits, not for wide layers. */
  softplus: unary('Softplus', (g, dy, { x }) => g.mul(dy, g.sigmoid(x))),
}
