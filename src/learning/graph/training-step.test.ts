import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { mix32 } from '../../foundation/base/index.ts'
import { Graph } from './graph.ts'
import type { Initialiser } from './initialisers.ts'
import { binaryCrossEntropy } from './losses/index.ts'
import { type Shape, sizeOf } from './shape.ts'
import type { Tensor, Values } from './tensor.ts'
import { TrainingStep } from './training-step.ts'

/** Losses of the same models, weights and data in PyTorch; test/vectors/training-curves.md has the script. */
const curves = JSON.parse(
  readFileSync(new URL('../../../test/vectors/training-curves.json', import.meta.url), 'utf8'),
) as {
  mlp: { sgd: number[]; adam: number[] }
  block: { adam: number[] }
}

/** Uniform in centre +- scale: the same floats as in the script. */
const drawn = (salt: number, scale = 1, centre = 0): Initialiser => {
  return (shape) =>
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => {
      return centre + Math.fround((mix32(salt * 65536 + i) / 2 ** 31 - 1) * scale)
    })
}
const values = (salt: number, shape: Shape): Float32Array => drawn(salt)(shape, undefined as never)
const labels = (salt: number, rows: number): Float32Array => values(salt, [rows, 1]).map((v) => (v > 0 ? 1 : 0))

type Optimiser = (parameters: Float32Array, gradients: Float32Array) => void

const sgd =
  (rate: number): Optimiser =>
  (parameters, gradients) => {
    for (let i = 0; i < parameters.length; i++) parameters[i] -= rate * gradients[i]
  }

/** Kingma and Ba 2015, with PyTorch's defaults. */
function adam(rate: number, size: number): Optimiser {
  const [m, v] = [new Float32Array(size), new Float32Array(size)]
  let t = 0
  return (parameters, gradients) => {
    t++
    for (let i = 0; i < size; i++) {
      m[i] = 0.9 * m[i] + 0.1 * gradients[i]
      v[i] = 0.999 * v[i] + 0.001 * gradients[i] ** 2
      parameters[i] -= ((rate / (1 - 0.9 ** t)) * m[i]) / (Math.sqrt(v[i] / (1 - 0.999 ** t)) + 1e-8)
    }
  }
}

async function train(
  step: TrainingStep,
  feeds: Record<string, Values>,
  optimiser: Optimiser,
  rows?: string,
): Promise<number[]> {
  const losses: number[] = []
  for (let i = 0; i < 50; i++) {
    const { loss, inputGradients } = await step.run(feeds)
    optimiser(step.parameters, step.gradients)
    if (rows) sgd(0.5)(feeds[rows] as Float32Array, inputGradients[rows] as Float32Array)
    losses.push(loss)
  }
  await step.close()
  return losses
}

const worst = (a: readonly number[], b: readonly number[]): number => Math.max(...a.map((x, i) => Math.abs(x - b[i])))

function perceptron(): Promise<TrainingStep> {
  const g = new Graph()
  const dense = (x: Tensor, salt: number, inner: number, outer: number, activation?: (t: Tensor) => Tensor): Tensor => {
    const w = g.parameter(`w${salt}`, [inner, outer], drawn(salt, 0.6))
    return g.linear(x, w, g.parameter(`b${salt}`, [outer], drawn(salt + 1, 0.1)), activation)
  }
  const hidden = dense(dense(g.input('x', [16, 8]), 3, 8, 12, g.relu), 5, 12, 6, g.relu)
  const loss = binaryCrossEntropy(g, dense(hidden, 7, 6, 1), g.input('y', [16, 1]))
  return TrainingStep.open(g, { loss })
}

function block(): Promise<TrainingStep> {
  const [B, T, d, heads] = [4, 6, 8, 2]
  const g = new Graph()
  const rows = g.input('rows', [B, T, d])
  const mask = g.input('mask', [B, T])
  const weight = (salt: number, inner: number, outer: number): Tensor =>
    g.parameter(`p${salt}`, [inner, outer], drawn(salt, 0.5))
  const vector = (salt: number, length: number, centre = 0): Tensor =>
    g.parameter(`p${salt}`, [length], drawn(salt, 0.1, centre))
  const split = (t: Tensor): Tensor => g.transpose(g.reshape(t, [B, T, heads, d / heads]), [0, 2, 1, 3])

  const [q, k, v] = g.split(g.linear(rows, weight(13, d, 3 * d), vector(14, 3 * d)), [d, d, d]).map(split) as Tensor[]
  const bias = g.add(g.causalMask(T), g.reshape(g.maskBias(mask), [B, 1, 1, T]))
  const mixed = g.reshape(g.transpose(g.attention(q, k, v, bias), [0, 2, 1, 3]), [B, T, d])
  const first = g.add(rows, g.linear(mixed, weight(15, d, d), vector(16, d)))
  const h = g.layerNorm(first, vector(17, d, 1), vector(18, d))
  const fed = g.linear(
    g.linear(h, weight(21, d, 4 * d), vector(22, 4 * d), g.gelu),
    weight(23, 4 * d, d),
    vector(24, d),
  )
  const z = g.layerNorm(g.add(h, fed), vector(19, d, 1), vector(20, d))
  const pooled = g.div(g.sum(g.mul(z, g.reshape(mask, [B, T, 1])), [1]), g.sum(mask, [1], { keep: true }))
  const logits = g.linear(pooled, weight(25, d, 1), vector(26, 1))
  const loss = binaryCrossEntropy(g, logits, g.input('y', [B, 1]))
  return TrainingStep.open(g, { loss, inputGradients: [rows] })
}

describe('50 steps from identical weights equal PyTorch', () => {
  it('perceptron by SGD', async () => {
    const step = await perceptron()
    const losses = await train(step, { x: values(1, [16, 8]), y: labels(2, 16) }, sgd(0.5))
    expect(worst(losses, curves.mlp.sgd)).toBeLessThan(1e-5)
  })

  it('perceptron by Adam', async () => {
    const step = await perceptron()
    const losses = await train(step, { x: values(1, [16, 8]), y: labels(2, 16) }, adam(0.01, step.layout.size))
    expect(worst(losses, curves.mlp.adam)).toBeLessThan(1e-5)
  })

  it('transformer block by Adam, its input rows by SGD', async () => {
    const step = await block()
    const mask = Float32Array.from({ length: 24 }, (_, i) => (i % 6 >= Math.floor(i / 6) ? 1 : 0))
    const feeds = { rows: values(11, [4, 6, 8]), mask, y: labels(12, 4) }
    const losses = await train(step, feeds, adam(0.01, step.layout.size), 'rows')
    expect(worst(losses, curves.block.adam)).toBeLessThan(1e-4)
  })
})

describe('a training step', () => {
  const small = (): { g: Graph; loss: Tensor; x: Tensor; w: Tensor; v: Tensor } => {
    const g = new Graph()
    const x = g.input('x', [2])
    const w = g.parameter('w', [2])
    const v = g.parameter('v', [2])
    return { g, x, w, v, loss: g.sum(g.mul(x, g.add(w, g.square(v)))) }
  }
  const feeds = { x: Float32Array.of(3, 5) }

  it('reads parameters from one given vector and writes gradients into another, by layout', async () => {
    const { g, loss, x } = small()
    const memory = new Float32Array(10)
    const parameters = memory.subarray(1, 5)
    const gradients = memory.subarray(6, 10)
    parameters.set([1, 2, 3, 4])
    const step = await TrainingStep.open(
      g,
      { loss, inputGradients: [x], outputs: { twice: g.mul(loss, 2) } },
      { parameters, gradients },
    )
    expect(step.layout.slots.map(({ name, offset }) => [name, offset])).toEqual([
      ['w', 0],
      ['v', 2],
    ])
    const result = await step.run(feeds)
    expect(result.loss).toBe(3 * 10 + 5 * 18)
    expect([...(result.outputs['twice'] as Float32Array)]).toEqual([240])
    expect([...(result.inputGradients['x'] as Float32Array)]).toEqual([10, 18])
    expect([...memory]).toEqual([0, 1, 2, 3, 4, 0, 3, 5, 18, 40])
    parameters[0] = 0
    expect((await step.run(feeds)).loss).toBe(3 * 9 + 5 * 18)
    await step.close()
  })

  it('writes the gradients of inputs where it is told to', async () => {
    const { g, loss, x } = small()
    const mine = new Float32Array(2)
    const options = { parameters: Float32Array.of(1, 2, 3, 4), inputGradients: { x: mine } }
    const step = await TrainingStep.open(g, { loss, inputGradients: [x] }, options)
    const { inputGradients } = await step.run(feeds)
    expect(inputGradients['x']).toBe(mine)
    expect([...mine]).toEqual([10, 18])
    await step.close()
    const wrong = { inputGradients: { x: new Float32Array(3) } }
    await expect(TrainingStep.open(g, { loss, inputGradients: [x] }, wrong)).rejects.toThrow(
      'Cannot fill "gradient/x": wanted [2], got 3 values',
    )
  })

  it('leaves frozen parameters without a gradient', async () => {
    const { g, loss, v } = small()
    const step = await TrainingStep.open(g, { loss, frozen: [v] }, { parameters: Float32Array.of(1, 2, 3, 4) })
    await step.run(feeds)
    expect([...step.gradients]).toEqual([3, 5, 0, 0])
    await step.close()
  })

  it('draws fresh parameters by seed, each on its own', async () => {
    const open = (seed: number, extra: boolean): Promise<TrainingStep> => {
      const g = new Graph()
      if (extra) g.parameter('before', [3])
      const w = g.parameter('w', [4, 4])
      return TrainingStep.open(g, { loss: g.sum(w), frozen: g.parameters.filter((p) => p !== w) }, { seed })
    }
    const [a, b, c] = [await open(1, false), await open(1, true), await open(2, false)]
    expect(b.parameters.subarray(3)).toEqual(a.parameters)
    expect(c.parameters).not.toEqual(a.parameters)
    for (const step of [a, b, c]) await step.close()
  })

  it('refuses what does not fit, by name', async () => {
    const { g, loss } = small()
    g.parameter('idle', [1])
    await expect(TrainingStep.open(g, { loss })).rejects.toThrow(/parameter "idle": the loss does not depend on it/)
    const other = small()
    await expect(TrainingStep.open(other.g, { loss: other.loss }, { parameters: new Float32Array(3) })).rejects.toThrow(
      'Cannot use a vector of 3 parameters: the graph has 4',
    )
    const step = await TrainingStep.open(other.g, { loss: other.loss })
    expect(step.inputs.map(({ name }) => name)).toEqual(['x'])
    await expect(step.run({ x: new Float32Array(3) })).rejects.toThrow('Cannot feed "x": wanted [2], got 3 values')
    const first = step.run(feeds)
    await expect(step.run(feeds)).rejects.toThrow(/under way/)
    await first
    await step.close()
    await expect(step.run(feeds)).rejects.toThrow(/closed/)
  })
})
