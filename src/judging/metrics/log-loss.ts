import type { MetricSpec } from './contract.ts'

export const logLossSpec: MetricSpec = {
  name: 'log-loss',
  better: 'lower',
  range: [0, Number.POSITIVE_INFINITY],
  say: 'mean negative log likelihood of the outcomes, in nats',
}

export interface LogLoss {
  /** Nats per outcome. */
  readonly value: number
  /** value / entropy of the base rate (He et al., ADKDD'14): below 1 beats always saying the base rate. Null: one class. */
  readonly normalised: number | null
  /** Mean squared error of the probabilities. */
  readonly brier: number
  /** Sum of predictions / number of positives: 1 when the level is right. Null: no positive. */
  readonly calibration: number | null
}

/**
 * -mean(y ln p + (1 - y) ln(1 - p)), p clipped to [eps, 1 - eps]: 1e-15 for doubles; give 1e-7 for float32 scores.
 * Null for no outcome.
 * @throws RangeError for lengths that differ or a p outside 0..1
 */
export function logLoss(labels: ArrayLike<number>, predictions: ArrayLike<number>, eps = 1e-15): LogLoss | null {
  const n = labels.length
  if (n !== predictions.length)
    throw new RangeError(`Cannot hold ${predictions.length} predictions against ${n} labels`)
  if (n === 0) return null
  let loss = 0
  let squares = 0
  let sum = 0
  let positives = 0
  for (let i = 0; i < n; i++) {
    const p = predictions[i]
    if (!(p >= 0 && p <= 1)) throw new RangeError(`Cannot take prediction ${i} for a probability: it is ${p}`)
    const y = labels[i] > 0 ? 1 : 0
    const clipped = Math.min(1 - eps, Math.max(eps, p))
    loss -= y ? Math.log(clipped) : Math.log1p(-clipped)
    squares += (p - y) ** 2
    sum += p
    positives += y
  }
  const rate = positives / n
  const entropy = -rate * Math.log(rate) - (1 - rate) * Math.log1p(-rate)
  return {
    value: loss / n,
    normalised: positives === 0 || positives === n ? null : loss / n / entropy,
    brier: squares / n,
    calibration: positives === 0 ? null : sum / positives,
  }
}
