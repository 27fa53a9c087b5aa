import type { Shape } from '../shape.ts'
import type { DType } from '../tensor.ts'
import { Message } from './protobuf.ts'

/** Builders of the messages of onnx.proto (opset 20, IR version 9); the numbers are its field numbers. */
const OPSET = 20
const IR_VERSION = 9
const ELEMENT = { float32: 1, int32: 6, int64: 7 } as const

export type OnnxAttribute = number | string | readonly number[] | { readonly float: number }
export type OnnxAttributes = Readonly<Record<string, OnnxAttribute>>

export function attributeProto(name: string, value: OnnxAttribute): Message {
  const message = new Message().text(1, name)
  if (typeof value === 'number') return message.int(3, value).int(20, 2)
  if (typeof value === 'string') return message.text(4, value).int(20, 3)
  if ('float' in value) return message.float(2, value.float).int(20, 1)
  return message.ints(8, value).int(20, 7)
}

export function nodeProto(
  operator: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: OnnxAttributes,
): Message {
  const message = new Message()
  for (const name of inputs) message.text(1, name)
  for (const name of outputs) message.text(2, name)
  message.text(4, operator)
  for (const [name, value] of Object.entries(attributes)) message.message(5, attributeProto(name, value))
  return message
}

export function tensorProto(name: string, dtype: DType | 'int64', shape: Shape, values: ArrayBufferView): Message {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
  return new Message().ints(1, shape).int(2, ELEMENT[dtype]).text(8, name).bytes(9, bytes)
}

export function valueInfo(name: string, dtype: DType, shape: Shape): Message {
  const dimensions = new Message()
  for (const length of shape) dimensions.message(1, new Message().int(1, length))
  const tensor = new Message().int(1, ELEMENT[dtype]).message(2, dimensions)
  return new Message().text(1, name).message(2, new Message().message(1, tensor))
}

export interface GraphParts {
  readonly nodes: readonly Message[]
  readonly initializers: readonly Message[]
  readonly inputs: readonly Message[]
  readonly outputs: readonly Message[]
}

export function modelProto(name: string, { nodes, initializers, inputs, outputs }: GraphParts): Message {
  const graph = new Message()
  for (const node of nodes) graph.message(1, node)
  graph.text(2, name)
  for (const initializer of initializers) graph.message(5, initializer)
  for (const input of inputs) graph.message(11, input)
  for (const output of outputs) graph.message(12, output)
  const opset = new Message().text(1, '').int(2, OPSET)
  return new Message().int(1, IR_VERSION).text(2, 'sluice').message(7, graph).message(8, opset)
}
