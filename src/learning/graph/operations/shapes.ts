import { broadcast, sameShape, sayShape, sizeOf } from '../shape.ts'
import type { Rules } from './contract.ts'
import { reduceTo } from './reduce-to.ts'

type ShapeOp = 'reshape' | 'transpose' | 'broadcastTo' | 'concat' | 'split' | 'slice' | 'pad'

/** Operations that move values and compute nothing: each one's adjoint moves them back. */
export const shapes: Rules<ShapeOp> = {
  reshape: {
    integers: 'any',
    outputs: ([x], { shape }) => {
      if (sizeOf(shape) !== sizeOf(x.shape)) {
        throw new RangeError(`Cannot reshape ${sayShape(x.shape)} to ${sayShape(shape)}: the sizes differ`)
      }
      return [{ shape, dtype: x.dtype }]
    },
    gradient: (g, { inputs: [x] }, [dy]) => [g.reshape(dy, x.shape)],
    onnx: (e, { inputs: [x], outputs, attributes }) => e.node('Reshape', [x, e.ints(attributes.shape)], outputs),
  },
  transpose: {
    integers: 'any',
    outputs: ([x], { permutation }) => {
      if (permutation.length !== x.shape.length || !x.shape.every((_, axis) => permutation.includes(axis))) {
        throw new RangeError(`Cannot transpose ${sayShape(x.shape)} by ${sayShape(permutation)}: not a permutation`)
      }
      return [{ shape: permutation.map((axis) => x.shape[axis] as number), dtype: x.dtype }]
    },
    gradient: (g, { attributes: { permutation } }, [dy]) => [
      g.transpose(
        dy,
        permutation.map((_, axis) => permutation.indexOf(axis)),
      ),
    ],
    onnx: (e, { inputs, outputs, attributes }) =>
      e.node('Transpose', inputs, outputs, { perm: [...attributes.permutation] }),
  },
  broadcastTo: {
    outputs: ([x], { shape }) => {
      if (!sameShape(broadcast(x.shape, shape), shape)) {
        throw new RangeError(`Cannot broadcast ${sayShape(x.shape)} to ${sayShape(shape)}: it would have to shrink`)
      }
      return [{ shape, dtype: x.dtype }]
    },
    gradient: (g, { inputs: [x] }, [dy]) => [reduceTo(g, dy, x.shape)],
    onnx: (e, { inputs: [x], outputs, attributes }) => e.node('Expand', [x, e.ints(attributes.shape)], outputs),
  },
  concat: {
    integers: 'any',
    outputs: (parts, { axis }) => {
      const [first] = parts
      const fits = parts.every(
        ({ shape, dtype }) =>
          dtype === first.dtype &&
          sameShape(
            shape.map((n, i) => (i === axis ? 0 : n)),
            first.shape.map((n, i) => (i === axis ? 0 : n)),
          ),
      )
      if (!fits) {
        const said = parts.map(({ shape, dtype }) => `${dtype} ${sayShape(shape)}`).join(', ')
        throw new RangeError(`Cannot concatenate ${said} along axis ${axis}: they differ elsewhere`)
      }
      const length = parts.reduce((sum, { shape }) => sum + (shape[axis] as number), 0)
      return [{ shape: first.shape.map((n, i) => (i === axis ? length : n)), dtype: first.dtype }]
    },
    gradient: (g, { inputs, attributes: { axis } }, [dy]) =>
      g.split(
        dy,
        inputs.map(({ shape }) => shape[axis] as number),
        axis,
      ),
    onnx: (e, { inputs, outputs, attributes: { axis } }) => e.node('Concat', inputs, outputs, { axis }),
  },
  split: {
    integers: 'any',
    outputs: ([x], { axis, sizes }) => {
      if (sizes.reduce((sum, size) => sum + size, 0) !== x.shape[axis]) {
        throw new RangeError(`Cannot split axis ${axis} of ${sayShape(x.shape)} into ${sizes.join(' + ')}`)
      }
      return sizes.map((size) => ({ shape: x.shape.map((n, i) => (i === axis ? size : n)), dtype: x.dtype }))
    },
    gradient: (g, { attributes: { axis } }, dy) => [g.concat(dy, axis)],
    onnx: (e, { inputs: [x], outputs, attributes: { axis, sizes } }) =>
      e.node('Split', [x, e.ints(sizes)], outputs, { axis }),
  },
  /** From `starts` up to, not including, `ends`, on every axis. To take all parts of a tensor use split: one concat back. */
  slice: {
    integers: 'any',
    outputs: ([x], { starts, ends }) => {
      if (!x.shape.every((n, i) => 0 <= starts[i] && starts[i] < ends[i] && ends[i] <= n)) {
        throw new RangeError(`Cannot slice ${sayShape(x.shape)} from ${sayShape(starts)} to ${sayShape(ends)}`)
      }
      return [{ shape: starts.map((start, i) => ends[i] - start), dtype: x.dtype }]
    },
    gradient: (g, { inputs: [x], attributes: { starts, ends } }, [dy]) =>
      g.apply('pad', [dy], { before: starts, after: x.shape.map((n, i) => n - ends[i]) }),
    onnx: (e, { inputs: [x], outputs, attributes: { starts, ends } }) =>
      e.node('Slice', [x, e.ints(starts), e.ints(ends)], outputs),
  },
  /** Zeros around it. */
  pad: {
    outputs: ([x], { before, after }) => [{ shape: x.shape.map((n, i) => before[i] + n + after[i]), dtype: x.dtype }],
    gradient: (g, { inputs: [x], attributes: { before } }, [dy]) =>
      g.apply('slice', [dy], { starts: before, ends: x.shape.map((n, i) => before[i] + n) }),
    onnx: (e, { inputs: [x], outputs, attributes: { before, after } }) =>
      e.node('Pad', [x, e.ints([...before, ...after])], outputs),
  },
}
