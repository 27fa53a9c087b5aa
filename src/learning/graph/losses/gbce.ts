import type { Graph } from '../graph.ts'
import type { Tensor } from '../tensor.ts'
import { weightedMean } from './weighted-mean.ts'

export interface GbceOptions {
  /** Items that negatives are drawn from, the positive included. */
  readonly catalogue: number
  /** 0: plain binary cross entropy, overconfident under sampling; 1: fully calibrated. Default 0.75 (gSASRec's). */
  readonly calibration?: number
}

/**
 * Generalised binary cross entropy (Petrov and Macdonald 2023, "gSASRec", equations 7 to 9): per position, with K
 * negatives of a catalogue of N, rate a = K / (N - 1) and b = a (t (1 - 1/a) + 1/a),
 *
 *     -(b log s(positive) + sum log(1 - s(negative))) / (K + 1)
 *
 * Raising the positive's probability to the power b undoes the overconfidence that sampling causes.
 *
 * @param positives [...] logits of the items that came
 * @param negatives [..., K] logits of sampled ones
 * @param weights [...]
 */
export function gbce(
  g: Graph,
  positives: Tensor,
  negatives: Tensor,
  { catalogue, calibration = 0.75 }: GbceOptions,
  weights?: Tensor,
): Tensor {
  const count = negatives.shape.at(-1) ?? 1
  const power = gbcePower(count, catalogue, calibration)
  const attraction = g.mul(g.softplus(g.neg(positives)), power)
  const repulsion = g.sum(g.softplus(negatives), [-1])
  return weightedMean(g, g.mul(g.add(attraction, repulsion), 1 / (count + 1)), weights)
}

/** b of the formula above. */
export function gbcePower(negatives: number, catalogue: number, calibration: number): number {
  if (!(calibration >= 0 && calibration <= 1)) throw new RangeError(`Cannot calibrate by ${calibration}: 0 to 1`)
  const rate = negatives / (catalogue - 1)
  if (!(rate > 0 && rate <= 1)) throw new RangeError(`Cannot draw ${negatives} negatives of ${catalogue} items`)
  return rate * (calibration * (1 - 1 / rate) + 1 / rate)
}
