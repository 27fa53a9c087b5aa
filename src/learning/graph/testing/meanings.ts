import type { Attributes, Op } from '../operations/attributes.ts'
import { type Shape, sizeOf } from '../shape.ts'
import { at, build, type NumberArray, stretched } from './array.ts'

type Outputs = readonly { readonly shape: Shape }[]
type Meaning<O extends Op> = (
  inputs: readonly NumberArray[],
  attributes: Attributes[O],
  outputs: Outputs,
) => NumberArray[]

const each =
  (f: (x: number) => number) =>
  ([x]: readonly NumberArray[]): NumberArray[] => [{ shape: x.shape, data: x.data.map(f) }]

const both =
  (f: (a: number, b: number) => number) =>
  ([a, b]: readonly NumberArray[], _: unknown, [{ shape }]: Outputs): NumberArray[] => [
    build(shape, (index) => f(stretched(a, index), stretched(b, index))),
  ]

const fold =
  (initial: number, f: (sofar: number, value: number) => number) =>
  ([x]: readonly NumberArray[], { axes }: { axes: readonly number[] }, [{ shape }]: Outputs): NumberArray[] => {
    const kept = {
      shape: x.shape.map((n, axis) => (axes.includes(axis) ? 1 : n)),
      data: new Float64Array(sizeOf(shape)),
    }
    kept.data.fill(initial)
    const places = build(kept.shape, () => 0)
    places.data.forEach((_, i) => {
      places.data[i] = i
    })
    build(x.shape, (index) => {
      const place = stretched(places, index)
      kept.data[place] = f(kept.data[place], at(x, index))
      return 0
    })
    return [{ shape, data: kept.data }]
  }

/** Applies f to every row of the last axis. */
const rows =
  (f: (row: Float64Array) => Float64Array) =>
  ([x]: readonly NumberArray[]): NumberArray[] => {
    const data = x.data.slice()
    const width = x.shape.at(-1) as number
    for (let i = 0; i < data.length; i += width) data.set(f(x.data.subarray(i, i + width)), i)
    return [{ shape: x.shape, data }]
  }

const sumOf = (row: Float64Array): number => row.reduce((sum, value) => sum + value, 0)

function softmax(row: Float64Array): Float64Array {
  const peak = Math.max(...row)
  const powers = row.map((value) => Math.exp(value - peak))
  const total = sumOf(powers)
  return powers.map((value) => value / total)
}

function multiply(a: NumberArray, b: NumberArray, shape: Shape, transposeA = false, transposeB = false): NumberArray {
  const inner = a.shape.at(transposeA ? -2 : -1) as number
  return build(shape, (index) => {
    const lead = index.slice(0, -2)
    const [row, column] = index.slice(-2) as [number, number]
    let sum = 0
    for (let k = 0; k < inner; k++) {
      const x = stretched(a, [...lead, ...(transposeA ? [k, row] : [row, k])])
      sum += x * stretched(b, [...lead, ...(transposeB ? [column, k] : [k, column])])
    }
    return sum
  })
}

/** Maclaurin series of the error function; 60 terms are exact to 1e-15 up to |x| = 4, beyond which it is +-1. */
export function erf(x: number): number {
  if (Math.abs(x) > 4) return Math.sign(x) * (1 - Math.exp(-x * x) / (Math.abs(x) * Math.sqrt(Math.PI)))
  let term = x
  let sum = x
  for (let n = 1; n < 120; n++) {
    term *= -(x * x) / n
    sum += term / (2 * n + 1)
  }
  return (2 / Math.sqrt(Math.PI)) * sum
}

const shifted = (x: NumberArray, shape: Shape, by: readonly number[]): NumberArray =>
  build(shape, (index) => {
    const from = index.map((position, axis) => position + by[axis])
    return from.every((position, axis) => position >= 0 && position < x.shape[axis]) ? at(x, from) : 0
  })

/** What every operation means, by definition. Total, like the table it is held against. */
export const meanings: { readonly [O in Op]: Meaning<O> } = {
  add: both((a, b) => a + b),
  sub: both((a, b) => a - b),
  mul: both((a, b) => a * b),
  div: both((a, b) => a / b),
  maximum: both(Math.max),
  equal: both((a, b) => (a === b ? 1 : 0)),
  neg: each((x) => -x),
  exp: each(Math.exp),
  log: each(Math.log),
  sqrt: each(Math.sqrt),
  square: each((x) => x * x),
  abs: each(Math.abs),
  power: (inputs, { exponent }) => each((x) => x ** exponent)(inputs),
  sigmoid: each((x) => 1 / (1 + Math.exp(-x))),
  tanh: each(Math.tanh),
  relu: each((x) => Math.max(x, 0)),
  step: each((x) => (x > 0 ? 1 : 0)),
  gelu: each((x) => (x * (1 + erf(x * Math.SQRT1_2))) / 2),
  erf: each(erf),
  softplus: each((x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))),
  sum: fold(0, (sum, x) => sum + x),
  max: fold(Number.NEGATIVE_INFINITY, Math.max),
  softmax: rows(softmax),
  logSoftmax: rows((row) => {
    const peak = Math.max(...row)
    const total = Math.log(sumOf(row.map((value) => Math.exp(value - peak))))
    return row.map((value) => value - peak - total)
  }),
  matmul: ([a, b], { transposeA, transposeB }, [{ shape }]) => [multiply(a, b, shape, transposeA, transposeB)],
  attention: ([q, k, v, bias], { scale }, [output, scores]) => {
    const product = multiply(q, k, scores.shape, false, true)
    const biased = build(scores.shape, (index) => at(product, index) * scale + (bias ? stretched(bias, index) : 0))
    const [weights] = rows(softmax)([biased])
    return [multiply(weights, v, output.shape), weights]
  },
  layerNorm: ([x, gain, shift], { epsilon }, [, { shape }]) => {
    const width = x.shape.at(-1) as number
    const count = x.data.length / width
    const mean = Float64Array.from({ length: count }, (_, i) => sumOf(x.data.slice(i * width, (i + 1) * width)) / width)
    const inverse = mean.map((level, i) => {
      const row = x.data.slice(i * width, (i + 1) * width)
      return 1 / Math.sqrt(sumOf(row.map((value) => (value - level) ** 2)) / width + epsilon)
    })
    const data = x.data.map((value, i) => {
      const row = Math.floor(i / width)
      return (value - mean[row]) * inverse[row] * gain.data[i % width] + shift.data[i % width]
    })
    return [
      { shape: x.shape, data },
      { shape, data: mean },
      { shape, data: inverse },
    ]
  },
  reshape: ([x], { shape }) => [{ shape, data: x.data }],
  transpose: ([x], { permutation }, [{ shape }]) => [
    build(shape, (index) => {
      const from: number[] = []
      permutation.forEach((axis, position) => {
        from[axis] = index[position]
      })
      return at(x, from)
    }),
  ],
  broadcastTo: ([x], { shape }) => [build(shape, (index) => stretched(x, index))],
  concat: (parts, { axis }, [{ shape }]) => [
    build(shape, (index) => {
      let position = index[axis]
      let part = 0
      while (position >= parts[part].shape[axis]) position -= parts[part++].shape[axis]
      return at(parts[part], index.with(axis, position))
    }),
  ],
  split: ([x], { axis, sizes }, outputs) => {
    let start = 0
    return outputs.map(({ shape }, i) => {
      const part = shifted(x, shape, x.shape.map(() => 0).with(axis, start))
      start += sizes[i]
      return part
    })
  },
  slice: ([x], { starts }, [{ shape }]) => [shifted(x, shape, starts)],
  pad: ([x], { before }, [{ shape }]) => [
    shifted(
      x,
      shape,
      before.map((n) => -n),
    ),
  ],
  gatherRows: ([table, index], _, [{ shape }]) => [
    build(shape, (place) => at(table, [at(index, place.slice(0, -1)), place.at(-1) as number])),
  ],
  gatherColumns: ([x], { columns }, [{ shape }]) => [
    build(shape, (place) => at(x, place.with(-1, columns[place.at(-1) as number]))),
  ],
  toFloat: each((x) => x),
  stopGradient: each((x) => x),
}
