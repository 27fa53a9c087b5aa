import { activations } from './activations.ts'
import type { Rules } from './contract.ts'
import { elementwise } from './elementwise.ts'
import { norms } from './layer-norm.ts'
import { products } from './products.ts'
import { reductions } from './reductions.ts'
import { selections } from './selections.ts'
import { shapes } from './shapes.ts'

/** Every operation's shape rule, gradient and ONNX form. Total: an operation without a rule does not compile. */
export const rules: Rules = {
  ...elementwise,
  ...activations,
  ...reductions,
  ...products,
  ...norms,
  ...shapes,
  ...selections,
}
