import type { Attributes, Op } from '../operations/attributes.ts'
import type { Graph } from '../graph.ts'
import { sizeOf } from '../shape.ts'
import type { Node, Tensor } from '../tensor.ts'
import type { NumberArray } from './array.ts'
import { meanings } from './meanings.ts'

/**
 * Computes tensors of a graph by the definitions in meanings.ts: slow, simple, 64 bits, independent of the ONNX forms.
 * The runtime is held against it.
 *
 * @param feeds values of the inputs and parameters by name
 */
export function interpret(
  g: Graph,
  wanted: readonly Tensor[],
  feeds: Readonly<Record<string, ArrayLike<number>>>,
): NumberArray[] {
  const values = new Map<Tensor, NumberArray>()
  const resolve = (t: Tensor): NumberArray => {
    const known = values.get(t)
    if (known !== undefined) return known
    if (t.source.kind === 'node') throw new Error(`node ${t.source.node.op} comes after its use`)
    const given = t.source.kind === 'constant' ? t.source.values : feeds[t.source.name]
    if (given?.length !== sizeOf(t.shape)) throw new Error(`no feed of ${sizeOf(t.shape)} values for ${t.source.kind}`)
    const leaf = { shape: t.shape, data: Float64Array.from(given) }
    values.set(t, leaf)
    return leaf
  }
  const needed = new Set(wanted)
  for (const node of [...g.nodes].reverse()) {
    if (node.outputs.some((output) => needed.has(output))) for (const input of node.inputs) needed.add(input)
  }
  for (const node of g.nodes) {
    if (!node.outputs.some((output) => needed.has(output))) continue
    const results = evaluate(node, node.inputs.map(resolve))
    node.outputs.forEach((output, i) => {
      values.set(output, results[i])
    })
  }
  return wanted.map(resolve)
}

function evaluate<O extends Op>({ op, attributes, outputs }: Node<O>, inputs: readonly NumberArray[]): NumberArray[] {
  const meaning = meanings[op] as (
    inputs: readonly NumberArray[],
    attributes: Attributes[O],
    outputs: readonly Tensor[],
  ) => NumberArray[]
  return meaning(inputs, attributes, outputs)
}
