import type { Attributes, Op } from './operations/attributes.ts'
import { broadcast, type Shape, sameShape } from './shape.ts'
import { madeBy, scalarOf, type Tensor } from './tensor.ts'
import type { Vocabulary } from './vocabulary.ts'

type Simplifier<O extends Op> = (
  t: Vocabulary,
  inputs: readonly Tensor[],
  attributes: Attributes[O],
  shape: Shape,
) => readonly Tensor[] | Tensor | undefined

const fold =
  (f: (a: number, b: number) => number) =>
  (t: Vocabulary, [a, b]: readonly Tensor[]): Tensor | undefined => {
    const x = scalarOf(a)
    const y = scalarOf(b)
    return x === undefined || y === undefined ? undefined : t.constant(f(x, y))
  }

const first = (tensors: readonly Tensor[]): Tensor => tensors[0] as Tensor

/** Elementwise operations broadcast by themselves: an operand need not be repeated for them. */
const unrepeated =
  (op: 'add' | 'sub' | 'mul' | 'div') =>
  (t: Vocabulary, [a, b]: readonly Tensor[], shape: Shape): readonly Tensor[] | undefined => {
    const x = madeBy(a, 'broadcastTo')?.inputs[0] ?? a
    const y = madeBy(b, 'broadcastTo')?.inputs[0] ?? b
    if (x !== a && sameShape(broadcast(x.shape, b.shape), shape)) return t.apply(op, [x, b], {})
    if (y !== b && sameShape(broadcast(a.shape, y.shape), shape)) return t.apply(op, [a, y], {})
    return undefined
  }

/** Is it a transpose of the last two axes only? Then the matrix product can do it on the way. */
function untransposed(x: Tensor): Tensor | undefined {
  const node = madeBy(x, 'transpose')
  const rank = x.shape.length
  const swaps = node?.attributes.permutation.every((from, to) => from === (to < rank - 2 ? to : 2 * rank - 3 - to))
  return swaps ? node?.inputs[0] : undefined
}

/** What need not be computed. Each entry gives a simpler equal of the operation, or undefined when there is none. */
const simplifiers: { readonly [O in Op]?: Simplifier<O> } = {
  add: (t, [a, b], _, shape) => {
    if (scalarOf(b) === 0) return a
    if (scalarOf(a) === 0) return b
    const minus = madeBy(b, 'neg')
    if (minus) return t.apply('sub', [a, first(minus.inputs)], {})
    return fold((x, y) => x + y)(t, [a, b]) ?? unrepeated('add')(t, [a, b], shape)
  },
  sub: (t, [a, b], _, shape) => {
    if (scalarOf(b) === 0) return a
    if (scalarOf(a) === 0) return t.apply('neg', [b], {})
    const minus = madeBy(b, 'neg')
    if (minus) return t.apply('add', [a, first(minus.inputs)], {})
    return fold((x, y) => x - y)(t, [a, b]) ?? unrepeated('sub')(t, [a, b], shape)
  },
  mul: (t, [a, b], _, shape) => {
    const folded = fold((x, y) => x * y)(t, [a, b])
    if (folded) return folded
    if (scalarOf(a) !== undefined) return t.apply('mul', [b, a], {})
    const factor = scalarOf(b)
    if (factor === 1) return a
    if (factor === -1) return t.apply('neg', [a], {})
    const inner = factor === undefined ? undefined : madeBy(a, 'mul')
    const known = inner && scalarOf(inner.inputs[1] as Tensor)
    if (inner && known !== undefined) return t.apply('mul', [first(inner.inputs), known * (factor as number)], {})
    return unrepeated('mul')(t, [a, b], shape)
  },
  div: (t, [a, b], _, shape) => {
    if (scalarOf(b) === 1) return a
    return fold((x, y) => x / y)(t, [a, b]) ?? unrepeated('div')(t, [a, b], shape)
  },
  neg: (t, [x]) => {
    const value = scalarOf(x)
    return value === undefined ? madeBy(x, 'neg')?.inputs[0] : t.constant(-value)
  },
  power: (t, [x], { exponent }) => {
    if (exponent === 1) return x
    return exponent === 2 ? t.apply('square', [x], {}) : undefined
  },
  sum: (_, [x], { axes }) => (axes.length === 0 ? x : undefined), // ONNX takes no axes for all axes
  max: (_, [x], { axes }) => (axes.length === 0 ? x : undefined),
  matmul: (t, [a, b], { transposeA, transposeB }) => {
    const x = untransposed(a)
    if (x) return t.apply('matmul', [x, b], { transposeA: !transposeA, transposeB })
    const y = untransposed(b)
    return y && t.apply('matmul', [a, y], { transposeA, transposeB: !transposeB })
  },
  reshape: (t, [x], { shape }) => {
    if (sameShape(x.shape, shape)) return x
    const inner = madeBy(x, 'reshape')
    return inner && t.apply('reshape', inner.inputs, { shape })
  },
  transpose: (t, [x], { permutation }) => {
    if (permutation.every((from, to) => from === to)) return x
    const inner = madeBy(x, 'transpose')
    const both = inner && permutation.map((axis) => inner.attributes.permutation[axis] as number)
    return both && t.apply('transpose', inner.inputs, { permutation: both })
  },
  broadcastTo: (_, [x], { shape }) => (sameShape(x.shape, shape) ? x : undefined),
  concat: (_, inputs) => (inputs.length === 1 ? inputs : undefined),
  split: (_, inputs, { sizes }) => (sizes.length === 1 ? inputs : undefined),
  slice: (_, [x], __, shape) => (sameShape(x.shape, shape) ? x : undefined),
  pad: (_, [x], __, shape) => (sameShape(x.shape, shape) ? x : undefined),
}

/**
 * Outputs equal to those of the operation that cost less, or undefined. Dead nodes need no pass: only what the outputs
 * depend on is emitted. Constants larger than a number are left to the runtime, which folds them when it loads.
 */
export function simplify<O extends Op>(
  t: Vocabulary,
  op: O,
  inputs: readonly Tensor[],
  attributes: Attributes[O],
  shape: Shape,
): readonly Tensor[] | undefined {
  const simpler = (simplifiers[op] as Simplifier<O> | undefined)?.(t, inputs, attributes, shape)
  return simpler === undefined || Array.isArray(simpler)
    ? (simpler as readonly Tensor[] | undefined)
    : [simpler as Tensor]
}
