import type { Shape } from '../shape.ts'

export type None = Readonly<Record<string, never>>
type Axes = { readonly axes: readonly number[]; readonly keep: boolean }

/** Every operation and what it is given beside its tensors. Axes are counted from the front here, shapes are full. */
export interface Attributes {
  add: None
  sub: None
  mul: None
  div: None
  maximum: None
  equal: None
  neg: None
  exp: None
  log: None
  sqrt: None
  square: None
  abs: None
  power: { readonly exponent: number }
  sigmoid: None
  tanh: None
  relu: None
  step: None
  gelu: None
  erf: None
  softplus: None
  sum: Axes
  max: Axes
  softmax: None
  logSoftmax: None
  matmul: { readonly transposeA: boolean; readonly transposeB: boolean }
  attention: { readonly scale: number }
  layerNorm: { readonly epsilon: number }
  reshape: { readonly shape: Shape }
  transpose: { readonly permutation: readonly number[] }
  broadcastTo: { readonly shape: Shape }
  concat: { readonly axis: number }
  split: { readonly axis: number; readonly sizes: readonly number[] }
  slice: { readonly starts: readonly number[]; readonly ends: readonly number[] }
  pad: { readonly before: readonly number[]; readonly after: readonly number[] }
  gatherRows: None
  gatherColumns: { readonly columns: readonly number[] }
  toFloat: None
  stopGradient: None
}

export type Op = keyof Attributes
