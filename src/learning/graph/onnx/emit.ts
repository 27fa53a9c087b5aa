import type { Graph } from '../graph.ts'
import type { Rule } from '../operations/contract.ts'
import { rules } from '../operations/table.ts'
import { type ParameterLayout, layoutOf, slotView } from '../parameters.ts'
import type { Node, Tensor } from '../tensor.ts'
import { Emitter } from './emitter.ts'
import { modelProto, valueInfo } from './schema.ts'

export interface EmitOptions {
  /** Written into the file; shows in tools that draw models. Default "graph". */
  readonly name?: string
  /** Values of all parameters, in the order of layoutOf(g): the file is complete. Without, parameters are inputs. */
  readonly weights?: Float32Array
}

/**
 * An ONNX file (opset 20, IR version 9) that computes the named outputs. Only what they depend on is in it, inputs and
 * parameters included. A pure function: equal graphs give equal bytes.
 */
export function emitModel(g: Graph, outputs: Readonly<Record<string, Tensor>>, options: EmitOptions = {}): Uint8Array {
  const { name = 'graph', weights } = options
  const live = liveTensors(g, Object.values(outputs))
  const e = new Emitter()
  const names = namesOf(g, outputs)
  const nameOf = (t: Tensor): string => names.get(t) ?? `%${t.id}`

  const constants = new Set<Tensor>()
  for (const node of g.nodes) {
    if (!node.outputs.some((output) => live.has(output))) continue
    for (const input of node.inputs) if (input.source.kind === 'constant') constants.add(input)
    emitNode(e, node, nameOf, live)
  }
  for (const [given, tensor] of Object.entries(outputs)) {
    if (nameOf(tensor) !== given) e.node('Identity', [nameOf(tensor)], [given])
    if (tensor.source.kind === 'constant') constants.add(tensor)
  }
  for (const tensor of constants) {
    if (tensor.source.kind === 'constant')
      e.initializer(nameOf(tensor), tensor.dtype, tensor.shape, tensor.source.values)
  }
  const baked = weights === undefined ? [] : liveSlots(g, live)
  for (const slot of baked) e.initializer(slot.name, 'float32', slot.shape, slotView(weights as Float32Array, slot))

  const fed = [...g.inputs, ...(weights === undefined ? g.parameters : [])].filter((t) => live.has(t))
  return modelProto(name, {
    nodes: e.nodes,
    initializers: e.initializers,
    inputs: fed.map((t) => valueInfo(nameOf(t), t.dtype, t.shape)),
    outputs: Object.entries(outputs).map(([given, t]) => valueInfo(given, t.dtype, t.shape)),
  }).finish()
}

function emitNode(e: Emitter, node: Node, nameOf: (t: Tensor) => string, live: ReadonlySet<Tensor>): void {
  const rule = rules[node.op] as Rule<typeof node.op>
  rule.onnx(e, {
    node,
    attributes: node.attributes,
    inputs: node.inputs.map(nameOf),
    outputs: node.outputs.map(nameOf),
    used: node.outputs.map((output) => live.has(output)),
  })
}

/** All that the outputs depend on, themselves included. */
export function liveTensors(g: Graph, outputs: readonly Tensor[]): Set<Tensor> {
  const live = new Set(outputs)
  for (const node of [...g.nodes].reverse()) {
    if (node.outputs.some((output) => live.has(output))) for (const input of node.inputs) live.add(input)
  }
  return live
}

/** Leaves are called as they were named, outputs of nodes by their (first) output name, the rest by number. */
function namesOf(g: Graph, outputs: Readonly<Record<string, Tensor>>): Map<Tensor, string> {
  const names = new Map<Tensor, string>()
  for (const t of [...g.inputs, ...g.parameters]) if ('name' in t.source) names.set(t, t.source.name)
  const taken = new Set(names.values())
  for (const [name, t] of Object.entries(outputs)) {
    if (taken.has(name) || name === '' || name.startsWith('%')) {
      throw new RangeError(
        `Cannot name an output "${name}": ${taken.has(name) ? 'an input or parameter has that name' : '% is for inner names'}`,
      )
    }
    if (t.source.kind === 'node' && !names.has(t)) names.set(t, name)
  }
  return names
}

const liveSlots = (g: Graph, live: ReadonlySet<Tensor>): ParameterLayout['slots'] =>
  layoutOf(g).slots.filter((_, i) => live.has(g.parameters[i] as Tensor))
