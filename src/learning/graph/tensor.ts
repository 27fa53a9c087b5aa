import type { Initialiser } from './initialisers.ts'
import type { Attributes, Op } from './operations/attributes.ts'
import type { Shape } from './shape.ts'

/** What a tensor holds. Integers are ids, indices and buckets: they are compared and looked up, never computed with. */
export type DType = 'float32' | 'int32'
export type Values = Float32Array | Int32Array

/** Where a tensor comes from: fed on every run, trained, written into the graph, or computed by a node. */
export type Source =
  | { readonly kind: 'input'; readonly name: string }
  | { readonly kind: 'parameter'; readonly name: string; readonly initialiser: Initialiser }
  | { readonly kind: 'constant'; readonly values: Values }
  | { readonly kind: 'node'; readonly node: Node; readonly index: number }

/** A value of the computation, not yet computed: only its shape and its origin are known. */
export interface Tensor {
  /** Counts up in the order of making, so that a tensor's id is above the ids of all it depends on. */
  readonly id: number
  readonly shape: Shape
  readonly dtype: DType
  readonly source: Source
}

/** One operation applied. Most have one output. */
export interface Node<O extends Op = Op> {
  readonly op: O
  readonly inputs: readonly Tensor[]
  readonly attributes: Attributes[O]
  readonly outputs: readonly Tensor[]
}

/** A tensor, or a number that stands for a constant scalar. */
export type Operand = Tensor | number

/** The value of a constant scalar, else undefined. */
export function scalarOf({ source, shape }: Tensor): number | undefined {
  return source.kind === 'constant' && shape.length === 0 ? source.values[0] : undefined
}

/** The node that computes a tensor, if it is one of the given operation. */
export function madeBy<O extends Op>({ source }: Tensor, op: O): Node<O> | undefined {
  return source.kind === 'node' && source.node.op === op ? (source.node as Node as Node<O>) : undefined
}
