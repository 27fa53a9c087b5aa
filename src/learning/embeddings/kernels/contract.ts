/**
 * Loops over numbers in one WebAssembly memory, done four at a time. Addresses are bytes from 0 to 4 GiB and multiples
 * of 16; vectors have a multiple of 4 floats. Nothing is checked here: who calls owns the memory and keeps within it.
 *
 * `rate`, `epsilon` and their like are float32. 1 - beta is passed as a constant of its own (`rest`): computed in
 * float32 it would be off by 1e-5 of its value, enough to bend a loss curve within fifty steps.
 */
export interface Kernels extends RowKernels, SparseKernels, DenseKernels {}

/** A table is rows of `dim` floats, `stride` bytes apart from `base`; `rows` is the address of n uint32 row numbers. */
export interface RowKernels {
  /** out[i] = table[rows[i]] */
  gather(base: number, stride: number, rows: number, n: number, dim: number, out: number): void
  /** sums[places[i]] += source[i], in order of i */
  scatterAdd(source: number, places: number, n: number, dim: number, sums: number): void
  /** sums[places[i]] += shares[i] source[owners[i]], in order of i: gradients of bags, each vector by its share */
  scatterShares(...step: ScatterShares): void
  /** out[i] = query . table[first + i] */
  dots(query: number, base: number, stride: number, first: number, n: number, dim: number, out: number): void
  /** out[i] = query . table[rows[i]] */
  dotsOf(query: number, base: number, stride: number, rows: number, n: number, dim: number, out: number): void
}

export type ScatterShares = [
  source: number,
  owners: number,
  shares: number,
  places: number,
  n: number,
  dim: number,
  sums: number,
]

/** One step on distinct rows. The state follows the weights in a row's record; `sums` has n gradients of dim floats. */
export interface SparseKernels {
  /** w -= rate g */
  sgdRows(base: number, stride: number, rows: number, n: number, dim: number, sums: number, rate: number): void
  /** a += g g; w -= rate g / (sqrt(a) + epsilon) */
  adagradRows(...step: AdagradRows): void
  /** a += mean(g g), one number per row; w -= rate / (sqrt(a) + epsilon) g */
  rowAdagradRows(...step: AdagradRows): void
  /** m = beta1 m + rest1 g; v = beta2 v + rest2 g g; w -= step m / (sqrt(v) + epsilon) */
  adamRows(...step: AdamRows): void
}

export type AdagradRows = [
  base: number,
  stride: number,
  rows: number,
  n: number,
  dim: number,
  sums: number,
  rate: number,
  epsilon: number,
]

export type AdamRows = [
  base: number,
  stride: number,
  rows: number,
  n: number,
  dim: number,
  sums: number,
  step: number,
  beta1: number,
  rest1: number,
  beta2: number,
  rest2: number,
  epsilon: number,
]

/** One step on a flat vector of n floats. */
export interface DenseKernels {
  /** v = momentum v + g; w -= rate v */
  sgd(w: number, v: number, g: number, n: number, rate: number, momentum: number): void
  /** a += g g; w -= rate g / (sqrt(a) + epsilon) */
  adagrad(w: number, a: number, g: number, n: number, rate: number, epsilon: number): void
  /** m = beta1 m + rest1 g; v = beta2 v + rest2 g g; w -= step m / (unbias sqrt(v) + epsilon) */
  adam(...step: AdamStep): void
  /** x += y */
  add(x: number, y: number, n: number): void
  /** x *= factor */
  scale(x: number, n: number, factor: number): void
  /** The sum of x x in float64: finite if and only if every x is. */
  squares(x: number, n: number): number
}

export type AdamStep = [
  w: number,
  m: number,
  v: number,
  g: number,
  n: number,
  step: number,
  unbias: number,
  beta1: number,
  rest1: number,
  beta2: number,
  rest2: number,
  epsilon: number,
]
