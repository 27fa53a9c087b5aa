import type { Attributes, Op } from './operations/attributes.ts'
import { axisOf, type Shape, sizeOf } from './shape.ts'
import type { Operand, Tensor, Values } from './tensor.ts'

/** Added to the scores that a mask excludes: e^-50 is nothing, yet far from the denormals that make exp crawl. */
export const MASKED = -50

type Reduce = { readonly keep?: boolean }

/**
 * The words that formulas are written in; Graph is where they are written down. Numbers may stand for constants. Every
 * method checks shapes and throws a RangeError that shows them. Elementwise operations broadcast as NumPy does.
 */
export abstract class Vocabulary {
  /** A value written into the graph: a number, or an array with its shape ([length] if left out). */
  abstract constant(values: Values | number, shape?: Shape): Tensor
  /** Applies an operation by its table entry; the methods below are the readable way. */
  abstract apply<O extends Op>(op: O, operands: readonly Operand[], attributes: Attributes[O]): readonly Tensor[]

  // Elementwise
  add = (a: Operand, b: Operand): Tensor => this.one('add', [a, b], {})
  sub = (a: Operand, b: Operand): Tensor => this.one('sub', [a, b], {})
  mul = (a: Operand, b: Operand): Tensor => this.one('mul', [a, b], {})
  div = (a: Operand, b: Operand): Tensor => this.one('div', [a, b], {})
  maximum = (a: Operand, b: Operand): Tensor => this.one('maximum', [a, b], {})
  minimum = (a: Operand, b: Operand): Tensor => this.neg(this.maximum(this.neg(a), this.neg(b)))
  /** 1 where both are equal, else 0; of integers or of floats. No gradient. */
  equal = (a: Operand, b: Operand): Tensor => this.one('equal', [a, b], {})
  neg = (x: Operand): Tensor => this.one('neg', [x], {})
  exp = (x: Operand): Tensor => this.one('exp', [x], {})
  log = (x: Operand): Tensor => this.one('log', [x], {})
  sqrt = (x: Operand): Tensor => this.one('sqrt', [x], {})
  square = (x: Operand): Tensor => this.one('square', [x], {})
  abs = (x: Operand): Tensor => this.one('abs', [x], {})
  power = (x: Operand, exponent: number): Tensor => this.one('power', [x], { exponent })

  // Activations
  sigmoid = (x: Operand): Tensor => this.one('sigmoid', [x], {})
  tanh = (x: Operand): Tensor => this.one('tanh', [x], {})
  relu = (x: Operand): Tensor => this.one('relu', [x], {})
  /** 1 above 0, else 0. No gradient. */
  step = (x: Operand): Tensor => this.one('step', [x], {})
  gelu = (x: Operand): Tensor => this.one('gelu', [x], {})
  erf = (x: Operand): Tensor => this.one('erf', [x], {})
  softplus = (x: Operand): Tensor => this.one('softplus', [x], {})
  /** x sigmoid(x) (Elfwing et al. 2018). */
  silu = (x: Operand): Tensor => this.mul(x, this.sigmoid(x))

  // Reductions: over all axes unless some are named; `keep` leaves them with length 1
  sum(x: Tensor, axes?: readonly number[], { keep = false }: Reduce = {}): Tensor {
    return this.one('sum', [x], { axes: axesOf(x, axes), keep })
  }

  mean(x: Tensor, axes?: readonly number[], reduce?: Reduce): Tensor {
    const count = axesOf(x, axes).reduce((product, axis) => product * (x.shape[axis] as number), 1)
    return this.mul(this.sum(x, axes, reduce), 1 / count)
  }

  max(x: Tensor, axes?: readonly number[], { keep = false }: Reduce = {}): Tensor {
    return this.one('max', [x], { axes: axesOf(x, axes), keep })
  }

  /** log(sum(e^x)) over the last axis, kept with length 1. The maximum is taken out first, so nothing overflows. */
  logSumExp(x: Tensor): Tensor {
    const peak = this.stopGradient(this.max(x, [-1], { keep: true }))
    return this.add(this.log(this.sum(this.exp(this.sub(x, peak)), [-1], { keep: true })), peak)
  }

  /** Along the last axis. */
  softmax = (x: Tensor): Tensor => this.one('softmax', [x], {})
  /** Along the last axis. */
  logSoftmax = (x: Tensor): Tensor => this.one('logSoftmax', [x], {})

  // Products
  /** Matrices in the last two axes, each transposed first if asked; the axes before them broadcast. */
  matmul(a: Tensor, b: Tensor, { transposeA = false, transposeB = false } = {}): Tensor {
    const stack = a.shape.length > 2 && b.shape.length === 2 && !transposeA
    if (!stack) return this.one('matmul', [a, b], { transposeA, transposeB })
    const lead = a.shape.slice(0, -1) // one tall matrix times b is one large product instead of many small ones
    const tall = this.reshape(a, [sizeOf(lead), a.shape.at(-1) as number])
    const product = this.one('matmul', [tall, b], { transposeA, transposeB })
    return this.reshape(product, [...lead, product.shape[1] as number])
  }

  /** x W + b over the last axis of x [..., in]: W [in, out], b [out]. Stays a matrix inside, so the runtime fuses it. */
  linear(x: Tensor, weight: Tensor, bias?: Tensor, activation?: (x: Tensor) => Tensor): Tensor {
    const lead = x.shape.slice(0, -1)
    const product = this.matmul(this.reshape(x, [sizeOf(lead), x.shape.at(-1) ?? 1]), weight)
    const biased = bias === undefined ? product : this.add(product, bias)
    return this.reshape(activation ? activation(biased) : biased, [...lead, weight.shape[1] as number])
  }

  /**
   * softmax(scale Q K^T + bias) V: q [..., m, h], k [..., n, h], v [..., n, w]; bias, if any, broadcasts to [..., m, n].
   * Mask with an additive MASKED, never with minus infinity: a row that is masked everywhere stays a number.
   */
  attention(q: Tensor, k: Tensor, v: Tensor, bias?: Tensor, scale = 1 / Math.sqrt(q.shape.at(-1) ?? 1)): Tensor {
    return this.one('attention', bias === undefined ? [q, k, v] : [q, k, v, bias], { scale })
  }

  /** 0 where the mask is 1, MASKED where it is 0: what is added to scores. */
  maskBias = (mask: Tensor): Tensor => this.mul(this.sub(mask, 1), -MASKED)

  /** [length, length]: row i may look at columns 0..i, the others get MASKED. */
  causalMask(length: number): Tensor {
    const values = Float32Array.from({ length: length * length }, (_, i) =>
      i % length > Math.floor(i / length) ? MASKED : 0,
    )
    return this.constant(values, [length, length])
  }

  // Norms, over the last axis; gain and shift [width]
  layerNorm = (x: Tensor, gain: Tensor, shift: Tensor, epsilon = 1e-5): Tensor =>
    this.one('layerNorm', [x, gain, shift], { epsilon })

  /** x / sqrt(mean(x^2) + epsilon) gain (Zhang and Sennrich 2019). */
  rmsNorm(x: Tensor, gain: Tensor, epsilon = 1e-6): Tensor {
    const size = this.sqrt(this.add(this.mean(this.square(x), [-1], { keep: true }), epsilon))
    return this.mul(this.div(x, size), gain)
  }

  /** x / |x| over the last axis, safe at zero. */
  unit(x: Tensor, epsilon = 1e-12): Tensor {
    return this.div(x, this.sqrt(this.add(this.sum(this.square(x), [-1], { keep: true }), epsilon)))
  }

  /** Drops by a mask that is fed: 0 with the rate, else 1 / (1 - rate). */
  dropout = (x: Tensor, mask: Tensor): Tensor => this.mul(x, mask)

  // Shapes
  reshape = (x: Tensor, shape: Shape): Tensor => this.one('reshape', [x], { shape: [...shape] })
  transpose = (x: Tensor, permutation: readonly number[]): Tensor =>
    this.one('transpose', [x], { permutation: permutation.map((axis) => axisOf(axis, x.shape.length)) })
  broadcastTo = (x: Operand, shape: Shape): Tensor => this.one('broadcastTo', [x], { shape: [...shape] })
  concat = (parts: readonly Tensor[], axis = -1): Tensor =>
    this.one('concat', parts, { axis: axisOf(axis, parts[0]?.shape.length ?? 0) })

  /** All parts of an axis, in order. */
  split(x: Tensor, sizes: readonly number[], axis = -1): readonly Tensor[] {
    return this.apply('split', [x], { axis: axisOf(axis, x.shape.length), sizes: [...sizes] })
  }

  /** Positions start..end (without end) of one axis. */
  slice(x: Tensor, axis: number, start: number, end: number): Tensor {
    const at = axisOf(axis, x.shape.length)
    const starts = x.shape.map((_, i) => (i === at ? start : 0))
    return this.one('slice', [x], { starts, ends: x.shape.map((length, i) => (i === at ? end : length)) })
  }

  // Selections
  /** Rows of a small table [rows, width] by an integer tensor [...]: [..., width]. */
  gatherRows = (table: Tensor, index: Tensor): Tensor => this.one('gatherRows', [table, index], {})
  /** Constant columns of the last axis. */
  gatherColumns = (x: Tensor, columns: readonly number[]): Tensor =>
    this.one('gatherColumns', [x], { columns: [...columns] })
  /** [...] integers to [..., depth] zeros with a one; an integer outside 0..depth-1 gives zeros only. */
  oneHot(index: Tensor, depth: number): Tensor {
    const range = this.constant(Int32Array.from({ length: depth }, (_, i) => i))
    return this.equal(this.reshape(index, [...index.shape, 1]), range)
  }
  toFloat = (x: Tensor): Tensor => this.one('toFloat', [x], {})
  stopGradient = (x: Tensor): Tensor => this.one('stopGradient', [x], {})

  private one<O extends Op>(op: O, operands: readonly Operand[], attributes: Attributes[O]): Tensor {
    return this.apply(op, operands, attributes)[0] as Tensor
  }
}

function axesOf({ shape }: Tensor, axes?: readonly number[]): number[] {
  const found = axes?.map((axis) => axisOf(axis, shape.length)) ?? [...shape.keys()]
  return [...new Set(found)].sort((a, b) => a - b)
}
