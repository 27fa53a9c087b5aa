import { sayShape, sizeOf } from '../shape.ts'
import type { Tensor } from '../tensor.ts'
import type { Rules } from './contract.ts'
import { reduceTo } from './reduce-to.ts'

export const norms: Rules<'layerNorm'> = {
  /**
   * y = (x - mean) / sqrt(variance + epsilon) gain + shift over the last axis (Ba et al. 2016), variance with divisor n.
   * With z the normalised x and dz = dy gain: dx = (dz - mean(dz) - z mean(dz z)) / deviation. Both means are written as
   * products with the column gain / n: mean(dz) = dy (gain / n), mean(dz z) = (dy z) (gain / n), where dy z is what the
   * gradient of the gain sums. That spares two passes over x.
   * The runtime's operator also gives mean and 1 / deviation, which the gradient takes over.
   */
  layerNorm: {
    firstOnly: true,
    outputs: ([x, gain, shift]) => {
      const width = x.shape.at(-1)
      for (const { shape } of [gain, shift]) {
        if (width === undefined || shape.length !== 1 || shape[0] !== width) {
          throw new RangeError(`Cannot normalise ${sayShape(x.shape)} with gain or shift ${sayShape(shape)}`)
        }
      }
      const rows = [...x.shape.slice(0, -1), 1]
      return [x.shape, rows, rows].map((shape) => ({ shape, dtype: 'float32' }))
    },
    gradient: (g, { inputs: [x, gain, shift], outputs: [, mean, inverse] }, [dy]) => {
      const width = x.shape.at(-1) as number
      const column = g.reshape(g.mul(gain, 1 / width), [width, 1])
      const rowMeans = (t: Tensor): Tensor =>
        g.reshape(g.matmul(g.reshape(t, [sizeOf(inverse.shape), width]), column), inverse.shape)
      const z = g.mul(g.sub(x, mean), inverse)
      const dyz = g.mul(dy, z)
      const dz = g.mul(dy, gain)
      const dx = g.mul(inverse, g.sub(g.sub(dz, rowMeans(dy)), g.mul(z, rowMeans(dyz))))
      return [dx, reduceTo(g, dyz, gain.shape), reduceTo(g, dy, shift.shape)]
    },
    onnx: (e, { inputs, outputs, used, attributes: { epsilon } }) => {
      const wanted = outputs.map((name, i) => (i === 0 || used[i] ? name : ''))
      e.node('LayerNormalization', inputs, wanted, { axis: -1, epsilon: { float: epsilon } })
    },
  },
}
