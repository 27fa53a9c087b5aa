import type { Kernels } from '../kernels/contract.ts'

/** How a flat vector of dense weights is changed. */
export type DenseOptimiser =
  | {
      readonly kind: 'sgd'
      /** Default 0. */
      readonly momentum?: number
      readonly weightDecay?: number
    }
  | {
      readonly kind: 'adagrad'
      /** Default 1e-10. */
      readonly epsilon?: number
      /** What the accumulator starts from. Default 0. */
      readonly accumulator?: number
      readonly weightDecay?: number
    }
  | {
      readonly kind: 'adam'
      /** Default 0.9. */
      readonly beta1?: number
      /** Default 0.999. */
      readonly beta2?: number
      /** Default 1e-8. */
      readonly epsilon?: number
      /** Decoupled (AdamW): weights shrink by rate x weightDecay per step. Default 0. */
      readonly weightDecay?: number
    }

/** Addresses of the weights, their gradients and their state vectors, n floats each. */
export interface Block {
  readonly weights: number
  readonly gradients: number
  readonly state: readonly number[]
  readonly n: number
}

/** One way to step: pure but for the block it is given. */
export interface DenseRule {
  /** State vectors, each as long as the weights, and what they start from. */
  readonly states: number
  readonly initial: number
  readonly weightDecay: number
  /** `step` counts from 1. */
  update(kernels: Kernels, block: Block, rate: number, step: number): void
}

/**
 * The formulas of PyTorch. SGD: v = mu v + g, w -= r v. Adagrad: a += g^2, w -= r g / (sqrt(a) + e). Adam (Kingma and Ba
 * 2015): w -= r / (1 - b1^t) m / (sqrt(v) / sqrt(1 - b2^t) + e), with m and v moving averages of g and g^2.
 */
const rules: { [K in DenseOptimiser['kind']]: (options: Extract<DenseOptimiser, { kind: K }>) => DenseRule } = {
  sgd: ({ momentum = 0, weightDecay = 0 }) => ({
    states: 1,
    initial: 0,
    weightDecay,
    update: (kernels, { weights, gradients, state, n }, rate) =>
      kernels.sgd(weights, state[0], gradients, n, rate, momentum),
  }),
  adagrad: ({ epsilon = 1e-10, accumulator = 0, weightDecay = 0 }) => ({
    states: 1,
    initial: accumulator,
    weightDecay,
    update: (kernels, { weights, gradients, state, n }, rate) =>
      kernels.adagrad(weights, state[0], gradients, n, rate, epsilon),
  }),
  adam: ({ beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0 }) => ({
    states: 2,
    initial: 0,
    weightDecay,
    update: (kernels, { weights, gradients, state, n }, rate, t) => {
      const size = rate / (1 - beta1 ** t)
      const unbias = 1 / Math.sqrt(1 - beta2 ** t)
      const [m, v] = state
      kernels.adam(weights, m, v, gradients, n, size, unbias, beta1, 1 - beta1, beta2, 1 - beta2, epsilon)
    },
  }),
}

export function denseRule(optimiser: DenseOptimiser): DenseRule {
  const options = optimiser as { epsilon?: number; weightDecay?: number }
  if (options.epsilon !== undefined && !(options.epsilon > 0)) {
    throw new RangeError(`Cannot use epsilon ${options.epsilon}: it must be above 0`)
  }
  if (options.weightDecay !== undefined && !(options.weightDecay >= 0)) {
    throw new RangeError(`Cannot use weight decay ${options.weightDecay}: it must be 0 or more`)
  }
  return (rules[optimiser.kind] as (options: DenseOptimiser) => DenseRule)(optimiser)
}
