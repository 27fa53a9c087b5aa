/** Makes a logit a probability that can be believed. Plain data: it lies in the manifest. */
export type Calibration =
  /** 1 / (1 + e^-z) */
  | { readonly kind: 'none' }
  /** 1 / (1 + e^-(a z + b)) (Platt 1999). */
  | { readonly kind: 'platt'; readonly a: number; readonly b: number }
  /** Linear between points; logits ascending, probabilities never falling (Zadrozny and Elkan 2002). */
  | { readonly kind: 'isotonic'; readonly logits: readonly number[]; readonly probabilities: readonly number[] }

export const uncalibrated: Calibration = { kind: 'none' }

export const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z))

/** The probability of a logit. Never falls as the logit rises, so it keeps orders, ties apart. */
export function calibrate(calibration: Calibration, z: number): number {
  if (calibration.kind === 'none') return sigmoid(z)
  if (calibration.kind === 'platt') return sigmoid(calibration.a * z + calibration.b)
  const { logits, probabilities } = calibration
  const last = logits.length - 1
  if (z <= logits[0]) return probabilities[0]
  if (z >= logits[last]) return probabilities[last]
  let low = 0
  let high = last
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (logits[middle] <= z) low = middle
    else high = middle
  }
  const share = (z - logits[low]) / (logits[high] - logits[low])
  return probabilities[low] + share * (probabilities[high] - probabilities[low])
}
