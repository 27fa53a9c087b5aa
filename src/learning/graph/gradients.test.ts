import { describe, expect, it } from 'vitest'
import { Random } from '../../foundation/base/index.ts'
import { gradients } from './gradients.ts'
import { Graph } from './graph.ts'
import { glorotUniform, normal, ones } from './initialisers.ts'
import { binaryCrossEntropy } from './losses/index.ts'
import { initialParameters, layoutOf, parameterViews } from './parameters.ts'
import { sizeOf } from './shape.ts'
import type { Tensor, Values } from './tensor.ts'
import { difference, differences, type Feeds, runOnnx } from './testing/check.ts'
import { interpret } from './testing/interpreter.ts'

const noise = normal(0.7)

/** Fills every leaf of a graph: parameters by seed, float inputs at random, the given ones as they are. */
function feedsOf(g: Graph, given: Feeds = {}): Feeds {
  const feeds: Record<string, Values> = { ...parameterViews(layoutOf(g), initialParameters(g, 'gradients')) }
  const random = new Random('inputs')
  for (const { source, shape } of g.inputs) {
    if (source.kind === 'input')
      feeds[source.name] = Float32Array.from({ length: sizeOf(shape) }, () => random.normal())
  }
  return { ...feeds, ...given }
}

/** Every derivative of the loss, by the runtime, against central differences in 64 bits. */
async function checkLoss(g: Graph, loss: Tensor, feeds: Feeds, inputs: readonly Tensor[]): Promise<void> {
  const wanted = [...g.parameters, ...inputs]
  const derivatives = gradients(g, loss, wanted)
  const outputs = Object.fromEntries(derivatives.map((t, i) => [`d${i}`, t]))
  const results = await runOnnx(g, { loss, ...outputs }, feeds)
  expect(difference(results['loss'] as Values, interpret(g, [loss], feeds)[0].data)).toBeLessThan(1e-5)
  for (const [i, t] of wanted.entries()) {
    const name = 'name' in t.source ? t.source.name : ''
    expect(difference(results[`d${i}`] as Values, differences(g, loss, feeds, t)), name).toBeLessThan(2e-5)
  }
}

describe('gradients', () => {
  it('sums over the uses of a tensor', () => {
    const g = new Graph()
    const x = g.input('x', [])
    const loss = g.add(g.mul(x, x), g.mul(g.exp(x), x)) // 2x + e^x x + e^x
    const [dx] = gradients(g, loss, [x])
    const [value] = interpret(g, [dx as Tensor], { x: [0.5] })
    expect(value.data[0]).toBeCloseTo(1 + 1.5 * Math.exp(0.5), 6)
  })

  it('can be differentiated again', () => {
    const g = new Graph()
    const x = g.input('x', [])
    const [first] = gradients(g, g.power(g.sigmoid(x), 3), [x]) as [Tensor]
    const [second] = gradients(g, first, [x]) as [Tensor]
    const at = 0.3
    const s = 1 / (1 + Math.exp(-at))
    const slope = s * (1 - s)
    const [d1, d2] = interpret(g, [first, second], { x: [at] })
    expect(d1.data[0]).toBeCloseTo(3 * s * s * slope, 6)
    expect(d2.data[0]).toBeCloseTo(6 * s * slope * slope + 3 * s * s * slope * (1 - 2 * s), 6)
  })

  it('stops where it is told to', () => {
    const g = new Graph()
    const x = g.input('x', [])
    const [dx] = gradients(g, g.mul(x, g.stopGradient(g.square(x))), [x]) as [Tensor]
    expect(interpret(g, [dx], { x: [3] })[0].data[0]).toBe(9)
    expect(() => gradients(g, g.stopGradient(x), [x])).toThrow(/input "x"/)
  })

  it('refuses what has none', () => {
    const g = new Graph()
    const x = g.input('x', [2])
    const w = g.parameter('w', [2])
    expect(() => gradients(g, x, [x])).toThrow('Cannot differentiate [2]: a loss is one number, sum it first')
    expect(() => gradients(g, g.sum(x), [w])).toThrow(/parameter "w": the loss does not depend on it/)
  })

  it('computes what it shares with the forward pass once', () => {
    const g = new Graph()
    const x = g.input('x', [4])
    const y = g.exp(x)
    gradients(g, g.sum(y), [x])
    gradients(g, g.sum(y), [x])
    expect(g.nodes.filter(({ op }) => op === 'exp')).toHaveLength(1)
    expect(g.mul(x, y)).toBe(g.mul(y, x))
  })
})

describe('whole models against finite differences', () => {
  it('perceptron', async () => {
    const g = new Graph()
    const x = g.input('x', [5, 4])
    const hidden = g.linear(x, g.parameter('w1', [4, 6], noise), g.parameter('b1', [6], noise), g.relu)
    const logits = g.linear(
      g.dropout(hidden, g.constant(Float32Array.of(2, 0, 2, 2, 0, 2))),
      g.parameter('w2', [6, 1], noise),
    )
    const labels = g.constant(Float32Array.of(1, 0, 0, 1, 0.3), [5, 1])
    await checkLoss(g, binaryCrossEntropy(g, logits, labels), feedsOf(g), [x])
  })

  it('transformer block with causal and padding masks', async () => {
    const [batch, length, width, heads] = [2, 4, 6, 2]
    const g = new Graph()
    const x = g.input('x', [batch, length, width])
    const mask = g.input('mask', [batch, length])
    const positions = g.parameter('positions', [length, width], noise)
    const split = (t: Tensor): Tensor => g.transpose(g.reshape(t, [batch, length, heads, width / heads]), [0, 2, 1, 3])
    const h = g.add(x, positions)
    const projected = g.linear(
      h,
      g.parameter('qkv', [width, 3 * width], noise),
      g.parameter('bqkv', [3 * width], noise),
    )
    const [q, k, v] = g.split(projected, [width, width, width]).map(split) as [Tensor, Tensor, Tensor]
    const bias = g.add(g.causalMask(length), g.reshape(g.maskBias(mask), [batch, 1, 1, length]))
    const mixed = g.reshape(g.transpose(g.attention(q, k, v, bias), [0, 2, 1, 3]), [batch, length, width])
    const normed = g.layerNorm(
      g.add(h, g.linear(mixed, g.parameter('out', [width, width], noise))),
      g.parameter('gain', [width], ones),
      g.parameter('shift', [width], noise),
    )
    const fed = g.linear(
      g.linear(normed, g.parameter('f1', [width, 8], noise), undefined, g.gelu),
      g.parameter('f2', [8, width], noise),
    )
    const pooled = g.sum(
      g.mul(g.rmsNorm(g.add(normed, fed), g.parameter('gain2', [width], ones)), g.reshape(mask, [batch, length, 1])),
    )
    await checkLoss(g, pooled, feedsOf(g, { mask: Float32Array.of(1, 1, 1, 1, 0, 0, 1, 1) }), [x])
  })

  it('dot interactions of DLRM', async () => {
    const [batch, fields, width] = [3, 4, 5]
    const g = new Graph()
    const dense = g.input('dense', [batch, 2])
    const sparse = g.input('sparse', [batch, fields - 1, width])
    const bottom = g.linear(dense, g.parameter('bottom', [2, width], glorotUniform), undefined, g.relu)
    const z = g.concat([g.reshape(bottom, [batch, 1, width]), sparse], 1)
    const dots = g.reshape(g.matmul(z, z, { transposeB: true }), [batch, fields * fields])
    const below = Array.from({ length: fields * fields }, (_, i) => i).filter(
      (i) => i % fields < Math.floor(i / fields),
    )
    const top = g.concat([bottom, g.gatherColumns(dots, below)])
    const logits = g.linear(top, g.parameter('top', [width + below.length, 1], noise))
    const labels = g.constant(Float32Array.of(1, 0, 1), [batch, 1])
    await checkLoss(g, binaryCrossEntropy(g, logits, labels), feedsOf(g), [dense, sparse])
  })
})
