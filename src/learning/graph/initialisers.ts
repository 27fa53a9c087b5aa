import type { Random } from '../../foundation/base/index.ts'
import { type Shape, sizeOf } from './shape.ts'

/** Fills a fresh parameter. Takes a generator of its own, so that one parameter's values do not depend on the others. */
export type Initialiser = (shape: Shape, random: Random) => Float32Array

export const zeros: Initialiser = (shape) => new Float32Array(sizeOf(shape))

export const ones: Initialiser = (shape) => new Float32Array(sizeOf(shape)).fill(1)

export const filled =
  (value: number): Initialiser =>
  (shape) =>
    new Float32Array(sizeOf(shape)).fill(value)

export const normal =
  (deviation = 0.02, mean = 0): Initialiser =>
  (shape, random) =>
    Float32Array.from({ length: sizeOf(shape) }, () => random.normal(mean, deviation))

/**
 * Uniform in +-sqrt(6 / (in + out)), which keeps the variance of values and of gradients level from layer to layer
 * (Glorot and Bengio 2010, equation 16). A weight is [..., in, out].
 */
export const glorotUniform: Initialiser = (shape, random) => {
  const bound = Math.sqrt(6 / fans(shape))
  return Float32Array.from({ length: sizeOf(shape) }, () => random.between(-bound, bound))
}

function fans(shape: Shape): number {
  return shape.length < 2 ? 1 + sizeOf(shape) : (shape.at(-1) as number) + (shape.at(-2) as number)
}
