import { expect } from 'vitest'
import { gradients } from '../gradients.ts'
import type { Graph } from '../graph.ts'
import { emitModel } from '../onnx/emit.ts'
import { Session } from '../session.ts'
import { sizeOf } from '../shape.ts'
import type { Tensor, Values } from '../tensor.ts'
import { Random } from '../../../foundation/base/index.ts'
import { interpret } from './interpreter.ts'

export type Feeds = Readonly<Record<string, Values>>

const nameOf = ({ source }: Tensor): string => ('name' in source ? source.name : '')

/** Values of named tensors as the runtime computes them. */
export async function runOnnx(
  g: Graph,
  outputs: Readonly<Record<string, Tensor>>,
  feeds: Feeds,
): Promise<Record<string, Values>> {
  const session = await Session.open(emitModel(g, outputs))
  try {
    const taken = session.inputs.map(({ name }) => [name, feeds[name] as Values] as const)
    return await session.run(Object.fromEntries(taken))
  } finally {
    await session.close()
  }
}

/** Largest |a - b| / max(1, |a|, |b|), NaN if any is. */
export function difference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length)
  let worst = 0
  for (let i = 0; i < a.length; i++) {
    const gap = Math.abs(a[i] - b[i]) / Math.max(1, Math.abs(a[i]), Math.abs(b[i]))
    worst = Number.isNaN(gap) || gap > worst ? gap : worst
  }
  return worst
}

/**
 * Holds an expression against outside truths: the runtime's values against the interpreter's, and the gradients of
 * a random weighting of its elements - computed by the runtime - against central differences of the interpreter.
 */
export async function checkExpression(
  g: Graph,
  y: Tensor,
  feeds: Feeds,
  wanted: readonly Tensor[],
  tolerance = 1e-5,
): Promise<void> {
  const random = new Random('weights of the elements')
  const weights = Float32Array.from({ length: sizeOf(y.shape) }, () => random.between(-1, 1))
  const loss = y.shape.length === 0 ? g.mul(y, 1.5) : g.sum(g.mul(y, g.constant(weights, y.shape)))
  const derivatives = gradients(g, loss, wanted)
  const named = Object.fromEntries(wanted.map((t, i) => [`d ${nameOf(t)}`, derivatives[i] as Tensor]))
  const outputs = await runOnnx(g, { 'the value': y, ...named }, feeds)

  const [value] = interpret(g, [y], feeds)
  expect(difference(outputs['the value'] as Values, value.data), 'runtime against interpreter').toBeLessThan(tolerance)
  for (const t of wanted) {
    const derivative = outputs[`d ${nameOf(t)}`] as Values
    expect(difference(derivative, differences(g, loss, feeds, t)), `gradient of ${nameOf(t)}`).toBeLessThan(
      10 * tolerance,
    )
  }
}

/** Central differences of a loss with respect to one leaf, in 64 bits: accurate to about 1e-9. */
export function differences(g: Graph, loss: Tensor, feeds: Feeds, leaf: Tensor, step = 1e-5): Float64Array {
  const name = nameOf(leaf)
  const values = Float64Array.from(feeds[name] as Values)
  const lossWith = (i: number, by: number): number => {
    const moved = values.slice()
    moved[i] += by
    return interpret(g, [loss], { ...feeds, [name]: moved })[0].data[0]
  }
  return values.map((_, i) => (lossWith(i, step) - lossWith(i, -step)) / (2 * step))
}
