import { sayShape, sizeOf } from '../shape.ts'
import { native, noGradient, type Rules } from './contract.ts'

export const selections: Rules<'gatherRows' | 'gatherColumns' | 'toFloat' | 'stopGradient'> = {
  /**
   * Rows of a small table [rows, width] by an integer tensor. The adjoint is one-hot^T dy, a matrix product: the
   * runtime's ScatterND adds with a race when it has several threads. Large tables stay outside the graph.
   */
  gatherRows: {
    integers: [1],
    outputs: ([table, index]) => {
      if (table.shape.length !== 2) {
        throw new RangeError(`Cannot gather rows of ${sayShape(table.shape)}: a table has two axes`)
      }
      return [{ shape: [...index.shape, table.shape[1] as number], dtype: 'float32' }]
    },
    gradient: (g, { inputs: [table, index] }, [dy]) => {
      const count = sizeOf(index.shape)
      const [rows, width] = table.shape as readonly [number, number]
      const chosen = g.oneHot(g.reshape(index, [count]), rows)
      return [g.matmul(chosen, g.reshape(dy, [count, width]), { transposeA: true }), undefined]
    },
    onnx: (e, { inputs, outputs }) => e.node('Gather', inputs, outputs, { axis: 0 }),
  },
  /**
   * Constant columns of the last axis. When no column is taken twice, the adjoint is a gather as well: every column
   * finds its own in dy, or a column of zeros put behind it.
   */
  gatherColumns: {
    outputs: ([x], { columns }) => {
      const width = x.shape.at(-1) ?? 0
      if (columns.length === 0 || !columns.every((c) => Number.isInteger(c) && 0 <= c && c < width)) {
        throw new RangeError(`Cannot gather columns ${sayShape(columns)} of ${sayShape(x.shape)}`)
      }
      return [{ shape: [...x.shape.slice(0, -1), columns.length], dtype: 'float32' }]
    },
    gradient: (g, { inputs: [x], attributes: { columns } }, [dy]) => {
      const width = x.shape.at(-1) as number
      if (new Set(columns).size < columns.length) {
        const back = new Float32Array(columns.length * width)
        for (const [i, column] of columns.entries()) back[i * width + column] = 1
        return [g.matmul(dy, g.constant(back, [columns.length, width]))]
      }
      const before = dy.shape.map(() => 0)
      const [padded] = g.apply('pad', [dy], { before, after: before.with(-1, 1) })
      const own = Array.from({ length: width }, (_, column) => columns.indexOf(column))
      return [
        g.gatherColumns(
          padded,
          own.map((i) => (i < 0 ? columns.length : i)),
        ),
      ]
    },
    onnx: (e, { inputs: [x], outputs, node, attributes: { columns } }) =>
      e.node('Gather', [x, e.ints(columns)], outputs, { axis: node.inputs[0].shape.length - 1 }),
  },
  toFloat: {
    integers: [0],
    outputs: ([x]) => [{ shape: x.shape, dtype: 'float32' }],
    gradient: noGradient,
    onnx: native('Cast', { to: 1 }),
  },
  /** The value passes, the gradient does not. */
  stopGradient: {
    outputs: ([x]) => [{ shape: x.shape, dtype: x.dtype }],
    gradient: noGradient,
    onnx: native('Identity'),
  },
}
