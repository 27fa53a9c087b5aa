import type { Attributes, Op } from '../operations/attributes.ts'
import type { Shape } from '../shape.ts'
import type { DType, Node } from '../tensor.ts'
import type { Message } from './protobuf.ts'
import { nodeProto, type OnnxAttributes, tensorProto } from './schema.ts'

/** An operation with the ONNX names of its tensors. `used` says which outputs anyone reads. */
export interface Emitted<O extends Op> {
  readonly node: Node<O>
  readonly attributes: Attributes[O]
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly used: readonly boolean[]
}

/** Collects ONNX nodes and constants while the operations of a graph say themselves. */
export class Emitter {
  readonly nodes: Message[] = []
  readonly initializers: Message[] = []
  private readonly shared = new Map<string, string>()
  private count = 0

  node(operator: string, inputs: readonly string[], outputs: readonly string[], attributes: OnnxAttributes = {}): void {
    this.nodes.push(nodeProto(operator, inputs, outputs, attributes))
  }

  /** A name for a value between two ONNX nodes of one operation. */
  fresh(): string {
    return `%inner${this.count++}`
  }

  initializer(name: string, dtype: DType | 'int64', shape: Shape, values: ArrayBufferView): void {
    this.initializers.push(tensorProto(name, dtype, shape, values))
  }

  /** The name of a constant list of 64-bit integers, which ONNX takes for shapes and axes. */
  ints(values: readonly number[]): string {
    return this.once(`ints ${values.join(',')}`, (name) =>
      this.initializer(name, 'int64', [values.length], BigInt64Array.from(values, BigInt)),
    )
  }

  scalar(value: number): string {
    return this.once(`scalar ${value}`, (name) => this.initializer(name, 'float32', [], Float32Array.of(value)))
  }

  /** The name of a tensor with its axes permuted; transposed once however often it is asked for. */
  transposed(x: string, perm: readonly number[]): string {
    return this.once(`transposed ${x} ${perm.join(',')}`, (name) => this.node('Transpose', [x], [name], { perm }))
  }

  private once(key: string, make: (name: string) => void): string {
    const known = this.shared.get(key)
    if (known !== undefined) return known
    const name = this.fresh()
    this.shared.set(key, name)
    make(name)
    return name
  }
}
