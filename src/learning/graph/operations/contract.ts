import type { Emitted, Emitter } from '../onnx/emitter.ts'
import type { Vocabulary } from '../vocabulary.ts'
import type { Attributes, Op } from './attributes.ts'
import type { Shape } from '../shape.ts'
import type { DType, Node, Tensor } from '../tensor.ts'

export type Spec = { readonly shape: Shape; readonly dtype: DType }

/** All there is to know about one operation. */
export interface Rule<O extends Op> {
  /** Positions of inputs that hold integers; 'any' takes both kinds everywhere. None when left out. */
  readonly integers?: readonly number[] | 'any'
  /** Outputs after the first serve the gradient only and have none themselves. */
  readonly firstOnly?: boolean
  /** Shapes and types of the outputs, or a RangeError that says what does not fit. */
  outputs(inputs: readonly Tensor[], attributes: Attributes[O]): readonly Spec[]
  /**
   * The chain rule: from the gradients of the loss with respect to the outputs (`dy`, shaped like them) those with
   * respect to the inputs, undefined where there is none. Written in operations, so it becomes part of the graph.
   */
  gradient(g: Vocabulary, node: Node<O>, dy: readonly Tensor[]): readonly (Tensor | undefined)[]
  /** Says the operation in ONNX, opset 20, standard operators only. */
  onnx(e: Emitter, node: Emitted<O>): void
}

export type Rules<O extends Op = Op> = { readonly [K in O]: Rule<K> }

/** The operation is one ONNX operator without attributes. */
export const native =
  (operator: string, attributes: Readonly<Record<string, number | { float: number } | string>> = {}) =>
  (e: Emitter, { inputs, outputs }: { inputs: readonly string[]; outputs: readonly string[] }): void =>
    e.node(operator, inputs, outputs.slice(0, 1), attributes)

export const noGradient = (): readonly undefined[] => []
