import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Random } from '../../../foundation/base/index.ts'
import { Graph } from '../graph.ts'
import { broadcast, type Shape, sizeOf } from '../shape.ts'
import type { Tensor, Values } from '../tensor.ts'
import { checkExpression, difference, runOnnx } from '../testing/check.ts'
import type { Op } from './attributes.ts'

/** An input of a case: floats in a range, or integers below a limit. */
type Given = { shape: Shape; low?: number; high?: number } | { shape: Shape; below: number }
type Case = { given: Readonly<Record<string, Given>>; y: (g: Graph, t: Record<string, Tensor>) => Tensor }

const of = (shape: Shape, low = -2, high = 2): Given => ({ shape, low, high })
const one = (y: (g: Graph, x: Tensor) => Tensor, low?: number, high?: number): Case[] =>
  [[], [5], [2, 3], [2, 1, 4]].map((shape) => ({ given: { x: of(shape, low, high) }, y: (g, { x }) => y(g, x) }))
const rows = (y: (g: Graph, x: Tensor) => Tensor): Case[] =>
  [[5], [2, 3], [2, 2, 4], [3, 1]].map((shape) => ({ given: { x: of(shape) }, y: (g, { x }) => y(g, x) }))
const two = (y: (g: Graph, a: Tensor, b: Tensor) => Tensor, low?: number): Case[] => [
  { given: { a: of([2, 3]), b: of([2, 3], low) }, y: (g, { a, b }) => y(g, a, b) },
  { given: { a: of([2, 3]), b: of([], low) }, y: (g, { a, b }) => y(g, a, b) },
  { given: { a: of([1, 3]), b: of([2, 1], low) }, y: (g, { a, b }) => y(g, a, b) },
]
const all = [[], [0], [1], [2], [0, 1], [1, 2], [0, 2], [0, 1, 2]]
const reducing = (word: 'sum' | 'max'): Case[] =>
  all.flatMap((axes) =>
    [true, false].map((keep) => ({
      given: { x: of([2, 3, 4]) },
      y: (g: Graph, { x }: Record<string, Tensor>) => g[word](x, axes, { keep }),
    })),
  )
const product = (a: Shape, b: Shape, transposeA = false, transposeB = false): Case => ({
  given: { a: of(a), b: of(b) },
  y: (g, t) => g.matmul(t['a'], t['b'], { transposeA, transposeB }),
})
const attending = (q: Shape, k: Shape, v: Shape, bias?: Shape): Case => ({
  given: { q: of(q), k: of(k), v: of(v), ...(bias && { bias: of(bias) }) },
  y: (g, t) => g.attention(t['q'], t['k'], t['v'], t['bias']),
})

/** Total: an operation without a case does not compile. */
const cases: Record<Op, Case[]> = {
  add: two((g, a, b) => g.add(a, b)),
  sub: two((g, a, b) => g.sub(a, b)),
  mul: two((g, a, b) => g.mul(a, b)),
  div: two((g, a, b) => g.div(a, b), 0.5),
  maximum: [...two((g, a, b) => g.maximum(a, b)), ...two((g, a, b) => g.minimum(a, b))],
  equal: [
    {
      given: { x: of([4, 1]), i: { shape: [4, 3], below: 3 } },
      y: (g, t) => g.mul(t['x'], g.equal(t['i'], g.constant(Int32Array.of(1)))),
    },
  ],
  neg: one((g, x) => g.neg(x)),
  exp: one((g, x) => g.exp(x)),
  log: one((g, x) => g.log(x), 0.3),
  sqrt: one((g, x) => g.sqrt(x), 0.3),
  square: one((g, x) => g.square(x)),
  abs: one((g, x) => g.abs(x)),
  power: [...one((g, x) => g.power(x, 3)), ...one((g, x) => g.power(x, -0.5), 0.3), ...one((g, x) => g.power(x, 2))],
  sigmoid: one((g, x) => g.sigmoid(x), -6, 6),
  tanh: one((g, x) => g.tanh(x)),
  relu: one((g, x) => g.relu(x)),
  step: one((g, x) => g.mul(g.step(x), x)),
  gelu: one((g, x) => g.gelu(x), -3, 3),
  erf: one((g, x) => g.erf(x)),
  softplus: [...one((g, x) => g.softplus(x), -8, 8), ...one((g, x) => g.silu(x))],
  sum: reducing('sum'),
  max: [...reducing('max'), ...rows((g, x) => g.logSumExp(x))],
  softmax: rows((g, x) => g.softmax(x)),
  logSoftmax: rows((g, x) => g.logSoftmax(x)),
  matmul: [
    product([2, 3], [3, 4]),
    product([3, 2], [3, 4], true),
    product([2, 3], [4, 3], false, true),
    product([3, 2], [4, 3], true, true),
    product([3, 8], [3, 2], true), // slender
    product([5, 2, 3], [5, 3, 4]),
    product([5, 3, 2], [5, 3, 4], true),
    product([5, 2, 3], [5, 4, 3], false, true),
    product([5, 3, 2], [5, 4, 3], true, true),
    product([2, 5, 2, 3], [3, 4]), // a stack times one matrix
    product([5, 2, 3], [4, 3], false, true),
    product([2, 3], [5, 3, 4]), // one matrix times a stack
    product([2, 1, 2, 3], [5, 3, 4]),
    product([2, 1, 3, 2], [1, 5, 4, 3], true, true),
    product([1, 3], [3, 1]),
  ],
  attention: [
    attending([2, 3], [4, 3], [4, 5]),
    attending([2, 3, 4], [2, 5, 4], [2, 5, 3], [5]),
    attending([2, 2, 3, 4], [2, 2, 5, 4], [2, 2, 5, 4], [2, 1, 1, 5]),
    attending([2, 2, 3, 4], [1, 1, 5, 4], [2, 2, 5, 4], [3, 5]),
    attending([1, 3, 4], [1, 5, 4], [2, 5, 4]),
  ],
  layerNorm: [[5], [2, 3], [2, 3, 4]].map((shape) => ({
    given: { x: of(shape), gain: of([shape.at(-1) as number]), shift: of([shape.at(-1) as number]) },
    y: (g, t) => g.layerNorm(t['x'], t['gain'], t['shift']),
  })),
  reshape: [{ given: { x: of([2, 6]) }, y: (g, { x }) => g.exp(g.reshape(g.exp(x), [3, 4])) }],
  transpose: [
    { given: { x: of([2, 3]) }, y: (g, { x }) => g.transpose(x, [1, 0]) },
    { given: { x: of([2, 3, 4]) }, y: (g, { x }) => g.transpose(x, [2, 0, 1]) },
    { given: { x: of([2, 3, 4, 1]) }, y: (g, { x }) => g.transpose(x, [0, 2, 1, 3]) },
  ],
  broadcastTo: [
    { given: { x: of([]) }, y: (g, { x }) => g.broadcastTo(x, [2, 3]) },
    { given: { x: of([3]) }, y: (g, { x }) => g.broadcastTo(x, [4, 2, 3]) },
    { given: { x: of([2, 1]) }, y: (g, { x }) => g.broadcastTo(x, [4, 2, 3]) },
  ],
  concat: [0, 1, -1].map((axis) => ({
    given: { a: of([2, 3, 4]), b: of([2, 3, 4].with(axis, 2)), c: of([2, 3, 4].with(axis, 1)) },
    y: (g, { a, b, c }) => g.concat([a, b, c], axis),
  })),
  split: [
    { given: { x: of([2, 6]) }, y: (g, { x }) => g.mul(...(g.split(x, [3, 3]) as [Tensor, Tensor])) },
    { given: { x: of([6, 2]) }, y: (g, { x }) => g.exp(g.split(x, [1, 2, 3], 0)[1] as Tensor) }, // two parts unused
  ],
  slice: [
    { given: { x: of([4, 5]) }, y: (g, { x }) => g.slice(x, 0, 1, 3) },
    { given: { x: of([2, 3, 5]) }, y: (g, { x }) => g.slice(g.slice(x, -1, 0, 4), 1, 2, 3) },
  ],
  pad: [
    { given: { x: of([2, 3]) }, y: (g, { x }) => g.apply('pad', [x], { before: [1, 0], after: [2, 1] })[0] as Tensor },
  ],
  gatherRows: [
    { given: { x: of([4, 3]), i: { shape: [6], below: 4 } }, y: (g, { x, i }) => g.gatherRows(x, i) }, // rows taken twice
    { given: { x: of([4, 3]), i: { shape: [2, 2], below: 4 } }, y: (g, { x, i }) => g.gatherRows(x, i) },
  ],
  gatherColumns: [
    { given: { x: of([2, 5]) }, y: (g, { x }) => g.gatherColumns(x, [3, 0, 4]) },
    { given: { x: of([2, 2, 5]) }, y: (g, { x }) => g.gatherColumns(x, [3, 0]) },
    { given: { x: of([2, 5]) }, y: (g, { x }) => g.gatherColumns(x, [1, 1, 4]) },
  ],
  toFloat: [{ given: { x: of([4]), i: { shape: [4], below: 9 } }, y: (g, { x, i }) => g.mul(x, g.toFloat(i)) }],
  stopGradient: [{ given: { x: of([4]) }, y: (g, { x }) => g.mul(x, g.add(x, 1)) }],
}

function draw(given: Given, random: Random): Values {
  const length = sizeOf(given.shape)
  if ('below' in given) return Int32Array.from({ length }, () => random.int(given.below))
  return Float32Array.from({ length }, () => random.between(given.low ?? -2, given.high ?? 2))
}

async function check({ given, y }: Case, seed: string): Promise<void> {
  const g = new Graph()
  const random = new Random(seed)
  const tensors: Record<string, Tensor> = {}
  const feeds: Record<string, Values> = {}
  for (const [name, spec] of Object.entries(given)) {
    tensors[name] = g.input(name, spec.shape, 'below' in spec ? 'int32' : 'float32')
    feeds[name] = draw(spec, random)
  }
  const wanted = Object.values(tensors).filter(({ dtype }) => dtype === 'float32')
  await checkExpression(g, y(g, tensors), feeds, wanted)
}

describe('every operation: runtime against definition, gradient against finite differences', () => {
  for (const [op, list] of Object.entries(cases)) {
    it(op, async () => {
      for (const [i, entry] of list.entries()) await check(entry, `${op} ${i}`)
    })
  }
})

const forms: Shape[] = [[], [1], [3], [2, 3], [2, 1], [1, 3], [1, 1], [4, 2, 3], [4, 1, 3], [1, 2, 1], [4, 1, 1]]

describe('broadcasting', () => {
  for (const word of ['add', 'sub', 'mul', 'div', 'maximum'] as const) {
    it(`${word} of all pairs of shapes`, async () => {
      for (const a of forms) {
        const g = new Graph() // one graph for all partners of a shape: the sum of all pairs
        const random = new Random(`${word} ${a}`)
        const feeds: Record<string, Values> = { a: draw(of(a), random) }
        const x = g.input('a', a)
        const partners = forms.map((b, i) => {
          feeds[`b${i}`] = draw(of(b, 0.5), random)
          return g.input(`b${i}`, b)
        })
        const sums = partners.map((b) => g.sum(g.mul(g[word](x, b), g.add(g[word](x, b), 0.3))))
        await checkExpression(
          g,
          sums.reduce((all, next) => g.add(all, next)),
          feeds,
          [x, ...partners],
          2e-5,
        )
      }
    })
  }

  it('follows the rule of NumPy on random shapes, and refuses the rest', () => {
    const shape = fc.array(fc.constantFrom(1, 2, 3), { maxLength: 4 })
    fc.assert(
      fc.property(shape, shape, (a, b) => {
        const rank = Math.max(a.length, b.length)
        const [x, y] = [a, b].map((s) => [...Array(rank - s.length).fill(1), ...s] as number[])
        const fits = x.every((n, i) => n === y[i] || n === 1 || y[i] === 1)
        if (fits) expect(broadcast(a, b)).toEqual(x.map((n, i) => Math.max(n, y[i])))
        else expect(() => broadcast(a, b)).toThrow(RangeError)
      }),
    )
  })
})

describe('random shapes and chains', () => {
  it('gradients of composed expressions agree with finite differences', async () => {
    const lengths = fc.integer({ min: 1, max: 4 })
    await fc.assert(
      fc.asyncProperty(lengths, lengths, lengths, fc.integer(), async (rows, inner, columns, seed) => {
        await check(
          {
            given: { x: of([2, rows, inner]), w: of([inner, columns]), b: of([columns]), c: of([rows, 1]) },
            y: (g, { x, w, b, c }) => {
              const hidden = g.gelu(g.add(g.linear(x, w, b), c))
              const scores = g.matmul(hidden, g.tanh(hidden), { transposeB: true })
              return g.concat([g.matmul(g.softmax(scores), hidden), g.square(g.max(hidden, [-1], { keep: true }))])
            },
          },
          String(seed),
        )
      }),
      { numRuns: 25, seed: 1 },
    )
  })
})

describe('known values', () => {
  const known: [string, (g: Graph, x: Tensor) => Tensor, number[], number[]][] = [
    ['relu', (g, x) => g.relu(x), [-1, 0, 2], [0, 0, 2]],
    ['step', (g, x) => g.step(x), [-1, 0, 1e-30, 3e38], [0, 0, 1, 1]],
    ['sigmoid', (g, x) => g.sigmoid(x), [0, 2, -200, 200], [0.5, 0.880797, 0, 1]],
    ['tanh', (g, x) => g.tanh(x), [1, -50], [0.7615942, -1]],
    ['gelu', (g, x) => g.gelu(x), [1, -1, 3], [0.8413447, -0.1586553, 2.9959503]],
    ['erf', (g, x) => g.erf(x), [0.5, 1], [0.5204999, 0.8427008]],
    ['silu', (g, x) => g.silu(x), [1, -2], [0.7310586, -0.2384058]],
    ['softplus', (g, x) => g.softplus(x), [0, 100, -100], [Math.LN2, 100, 0]],
    ['softmax', (g, x) => g.softmax(x), [1, 2, 3], [0.0900306, 0.2447285, 0.6652409]],
    ['softmax of equals', (g, x) => g.softmax(x), [1e4, 1e4], [0.5, 0.5]],
    ['logSoftmax', (g, x) => g.logSoftmax(x), [1, 2, 3], [-2.4076059, -1.4076059, -0.4076059]],
    ['logSumExp', (g, x) => g.logSumExp(x), [1000, 1000], [1000 + Math.LN2]],
    ['sum', (g, x) => g.sum(x), [1, 2, 4], [7]],
    ['mean', (g, x) => g.mean(x), [1, 2, 6], [3]],
    ['max', (g, x) => g.max(x), [1, 7, 4], [7]],
    ['abs', (g, x) => g.abs(x), [-3, 0, 2], [3, 0, 2]],
    ['power', (g, x) => g.power(x, -0.5), [4, 0.25], [0.5, 2]],
    ['rmsNorm', (g, x) => g.rmsNorm(x, g.constant(Float32Array.of(1, 2))), [3, 4], [0.8485281, 2.2627417]],
    ['unit', (g, x) => g.unit(x), [3, 4], [0.6, 0.8]],
    [
      'layerNorm',
      (g, x) => g.layerNorm(x, g.constant(Float32Array.of(1, 1, 1, 2)), g.constant(Float32Array.of(0, 0, 0, 1)), 0),
      [1, 2, 3, 4],
      [-1.3416408, -0.4472136, 0.4472136, 3.6832816],
    ],
    ['causal mask', (g, x) => g.mul(g.causalMask(2), x), [1, 1], [0, -50, 0, 0]],
    ['mask bias', (g, x) => g.maskBias(x), [1, 0], [0, -50]],
  ]
  for (const [name, y, x, expected] of known) {
    it(name, async () => {
      const g = new Graph()
      const { value } = await runOnnx(g, { value: y(g, g.input('x', [x.length])) }, { x: Float32Array.from(x) })
      expect(difference(value as Values, expected)).toBeLessThan(2e-6)
    })
  }

  it('one-hot: an index outside gives zeros', async () => {
    const g = new Graph()
    const { value } = await runOnnx(
      g,
      { value: g.oneHot(g.input('i', [3], 'int32'), 2) },
      { i: Int32Array.of(1, 0, 5) },
    )
    expect([...(value as Values)]).toEqual([0, 1, 1, 0, 0, 0])
  })

  it('a row that is masked everywhere gives the mean, not NaN', async () => {
    const g = new Graph()
    const mask = g.maskBias(g.input('mask', [2]))
    const v = g.constant(Float32Array.of(1, 3), [2, 1])
    const zero = g.constant(new Float32Array(2), [2, 1])
    const { value } = await runOnnx(g, { value: g.attention(zero, zero, v, mask) }, { mask: Float32Array.of(0, 0) })
    expect([...(value as Values)]).toEqual([2, 2])
  })
})
