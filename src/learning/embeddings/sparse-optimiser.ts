import type { Records } from './records.ts'

/** How the rows of a batch are changed. `rate` is the learning rate where a step names none. */
export type SparseOptimiser =
  /** A copy for serving: it has no state and takes no gradients. */
  | { readonly kind: 'none' }
  | { readonly kind: 'sgd'; readonly rate: number }
  | AdagradOptions<'adagrad'>
  | AdagradOptions<'row-adagrad'>
  | {
      readonly kind: 'adam'
      readonly rate: number
      /** Default 0.9. */
      readonly beta1?: number
      /** Default 0.999. */
      readonly beta2?: number
      /** Default 1e-8. */
      readonly epsilon?: number
    }

interface AdagradOptions<K extends string> {
  readonly kind: K
  readonly rate: number
  /** Default 1e-10. */
  readonly epsilon?: number
  /** What the accumulator starts from. Default 0: the first step is `rate` per element. */
  readonly accumulator?: number
}

/** An optimiser at work on records: its state lies behind the weights of each row. */
export interface SparseRule {
  readonly rate: number
  /** Floats of state per row of `dim` weights. */
  state(dim: number): number
  /** What fresh state is filled with. */
  readonly initial: number
  /** Changes n distinct rows by one gradient each. `step` counts from 1. */
  apply(records: Records, rows: number, n: number, sums: number, rate: number, step: number): void
}

/**
 * SGD: w -= r g. Adagrad (Duchi et al. 2011): a += g^2, w -= r g / (sqrt(a) + e), as PyTorch has it. Row-wise Adagrad:
 * one accumulator per row, a += mean(g^2), as FBGEMM has it; a quarter to a sixtieth of the memory. Adam: lazy, only rows
 * with a gradient move and their moments with them, as PyTorch's SparseAdam; t counts the table's steps, and epsilon is
 * added before the correction: w -= r sqrt(1 - b2^t) / (1 - b1^t) m / (sqrt(v) + e).
 */
const rules: { [K in SparseOptimiser['kind']]: (options: Extract<SparseOptimiser, { kind: K }>) => SparseRule } = {
  none: () => ({ rate: 0, state: () => 0, initial: 0, apply: () => {} }),
  sgd: ({ rate }) => ({
    rate,
    state: () => 0,
    initial: 0,
    apply: ({ kernels, base, stride, dim }, rows, n, sums, r) => kernels.sgdRows(base, stride, rows, n, dim, sums, r),
  }),
  adagrad: ({ rate, epsilon = 1e-10, accumulator = 0 }) => ({
    rate,
    state: (dim) => dim,
    initial: accumulator,
    apply: ({ kernels, base, stride, dim }, rows, n, sums, r) =>
      kernels.adagradRows(base, stride, rows, n, dim, sums, r, epsilon),
  }),
  'row-adagrad': ({ rate, epsilon = 1e-10, accumulator = 0 }) => ({
    rate,
    state: () => 1,
    initial: accumulator,
    apply: ({ kernels, base, stride, dim }, rows, n, sums, r) =>
      kernels.rowAdagradRows(base, stride, rows, n, dim, sums, r, epsilon),
  }),
  adam: ({ rate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }) => ({
    rate,
    state: (dim) => 2 * dim,
    initial: 0,
    apply: ({ kernels, base, stride, dim }, rows, n, sums, r, t) => {
      const size = (r * Math.sqrt(1 - beta2 ** t)) / (1 - beta1 ** t)
      kernels.adamRows(base, stride, rows, n, dim, sums, size, beta1, 1 - beta1, beta2, 1 - beta2, epsilon)
    },
  }),
}

export function sparseRule(optimiser: SparseOptimiser): SparseRule {
  const { rate = 0, epsilon = 1 } = optimiser as { rate?: number; epsilon?: number }
  if (!(rate >= 0)) throw new RangeError(`Cannot use learning rate ${rate}: it must be 0 or more`)
  if (!(epsilon > 0)) throw new RangeError(`Cannot use epsilon ${epsilon}: it must be above 0`)
  return (rules[optimiser.kind] as (options: SparseOptimiser) => SparseRule)(optimiser)
}
