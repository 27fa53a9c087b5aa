import { repeatedAxes, reducedShape, type Shape, sameShape, sizeOf } from '../shape.ts'
import type { Tensor } from '../tensor.ts'
import type { Vocabulary } from '../vocabulary.ts'

/**
 * The adjoint of broadcasting: a value that was used several times gets the sum of the gradients of its uses.
 * Leading axes (the gradient of a bias) are summed by a row of ones times the matrix, which the runtime does twice as
 * fast as ReduceSum over the first axis.
 */
export function reduceTo(g: Vocabulary, dy: Tensor, shape: Shape): Tensor {
  if (sameShape(dy.shape, shape)) return dy
  const axes = repeatedAxes(shape, dy.shape)
  const leading = axes.length > 0 && axes.every((axis, i) => axis === i)
  const rest = dy.shape.slice(axes.length)
  if (leading && rest.length === 1 && sizeOf(rest) > 1) {
    const rows = sizeOf(dy.shape) / sizeOf(rest)
    const ones = g.constant(new Float32Array(rows).fill(1), [1, rows])
    return g.reshape(g.matmul(ones, g.reshape(dy, [rows, sizeOf(rest)])), shape)
  }
  const summed = g.apply('sum', [dy], { axes, keep: true })[0] as Tensor
  return sameShape(reducedShape(dy.shape, axes, true), shape) ? summed : g.reshape(summed, shape)
}
