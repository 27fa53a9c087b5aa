import { createHash } from 'node:crypto'
import { glorotUniform, type Initialiser } from './initialisers.ts'
import type { Attributes, Op } from './operations/attributes.ts'
import type { Rule } from './operations/contract.ts'
import { rules } from './operations/table.ts'
import { checkShape, type Shape, sayShape, sizeOf } from './shape.ts'
import { simplify } from './simplify.ts'
import type { DType, Node, Operand, Source, Tensor, Values } from './tensor.ts'
import { Vocabulary } from './vocabulary.ts'

/** Operations whose operands may change places: a + b and b + a are one node. */
const commutative: ReadonlySet<Op> = new Set<Op>(['add', 'mul', 'equal'])

/**
 * A computation written down in the words of Vocabulary: the leaves (inputs, parameters, constants) and the nodes, in
 * order of making, so every node stands behind all it depends on. The same operation on the same tensors is the same
 * node (hash consing): nothing is computed twice, and gradient rules may repeat what the forward pass already has.
 */
export class Graph extends Vocabulary {
  readonly nodes: Node[] = []
  readonly inputs: Tensor[] = []
  readonly parameters: Tensor[] = []
  private readonly tensors: Tensor[] = []
  private readonly names = new Set<string>()
  private readonly known = new Map<string, readonly Tensor[]>()

  /** A value fed on every run. Inputs and parameters share their names. */
  input(name: string, shape: Shape, dtype: DType = 'float32'): Tensor {
    const tensor = this.leaf({ kind: 'input', name: this.take(name) }, checkShape(`input "${name}"`, shape), dtype)
    this.inputs.push(tensor)
    return tensor
  }

  /** A trained value. To share it between two places, hand the tensor to both. */
  parameter(name: string, shape: Shape, initialiser: Initialiser = glorotUniform): Tensor {
    const source: Source = { kind: 'parameter', name: this.take(name), initialiser }
    const tensor = this.leaf(source, checkShape(`parameter "${name}"`, shape), 'float32')
    this.parameters.push(tensor)
    return tensor
  }

  /** Equal constants are one tensor. */
  override constant(values: Values | number, shape?: Shape): Tensor {
    const array = typeof values === 'number' ? Float32Array.of(values) : values
    const form = typeof values === 'number' ? [] : checkShape('a constant', shape ?? [array.length])
    if (sizeOf(form) !== array.length) {
      throw new RangeError(`Cannot make a constant of shape ${sayShape(form)} from ${array.length} values`)
    }
    const dtype: DType = array instanceof Int32Array ? 'int32' : 'float32'
    const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
    const key = `constant ${dtype} ${form.join(',')} ${createHash('sha256').update(bytes).digest('base64')}`
    let found = this.known.get(key)
    if (found === undefined) {
      found = [this.leaf({ kind: 'constant', values: array.slice() }, form, dtype)]
      this.known.set(key, found)
    }
    return found[0]
  }

  /** An operand as a tensor of this graph. */
  tensor(operand: Operand): Tensor {
    if (typeof operand === 'number') return this.constant(operand)
    if (this.tensors[operand.id] !== operand) throw new TypeError('Cannot use a tensor of another graph')
    return operand
  }

  override apply<O extends Op>(op: O, operands: readonly Operand[], attributes: Attributes[O]): readonly Tensor[] {
    const inputs = operands.map((operand) => this.tensor(operand))
    const rule = rules[op] as Rule<Op> as Rule<O>
    checkTypes(op, rule, inputs)
    const specs = rule.outputs(inputs, attributes)
    const simpler = simplify(this, op, inputs, attributes, specs[0].shape)
    if (simpler !== undefined) return simpler

    const ids = inputs.map(({ id }) => id)
    if (commutative.has(op)) ids.sort((a, b) => a - b)
    const key = `${op} ${ids.join(',')} ${JSON.stringify(attributes)}`
    const known = this.known.get(key)
    if (known !== undefined) return known

    const outputs: Tensor[] = []
    const node = { op, inputs, attributes, outputs } as unknown as Node
    for (const [index, { shape, dtype }] of specs.entries()) {
      outputs.push(this.leaf({ kind: 'node', node, index }, shape, dtype))
    }
    this.nodes.push(node)
    this.known.set(key, outputs)
    return outputs
  }

  private leaf(source: Source, shape: Shape, dtype: DType): Tensor {
    const tensor: Tensor = { id: this.tensors.length, shape, dtype, source }
    this.tensors.push(tensor)
    return tensor
  }

  private take(name: string): string {
    if (name === '' || name.startsWith('%'))
      throw new RangeError(`Cannot name a tensor "${name}": % is for inner names`)
    if (this.names.has(name))
      throw new RangeError(`Cannot name a second tensor "${name}": hold on to the first to share it`)
    this.names.add(name)
    return name
  }
}

function checkTypes(op: Op, { integers = [] }: Rule<Op>, inputs: readonly Tensor[]): void {
  if (integers === 'any') return
  for (const [i, { dtype, shape }] of inputs.entries()) {
    const wanted: DType = integers.includes(i) ? 'int32' : 'float32'
    if (dtype !== wanted) {
      throw new TypeError(`Cannot ${op} ${dtype} ${sayShape(shape)}: operand ${i + 1} must be ${wanted}`)
    }
  }
}
