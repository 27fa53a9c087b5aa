import type { MetricSpec } from './contract.ts'

export const calibrationErrorSpec: MetricSpec = {
  name: 'ece',
  better: 'lower',
  range: [0, 1],
  say: 'mean gap between predicted probability and observed rate, over bins',
}

export interface CalibrationOptions {
  /** `mass`: bins of equal counts (use it for click rates: they crowd near 0). `width`: bins of equal width. */
  readonly bins?: 'mass' | 'width'
  readonly count?: number
}

export interface CalibrationError {
  /** Sum over bins of (n_b / n) |mean p - mean y| (Naeini et al., AAAI'15). */
  readonly value: number
  /** The widest gap of a bin (MCE). */
  readonly max: number
  readonly bins: readonly { readonly n: number; readonly predicted: number; readonly observed: number }[]
}

/**
 * Expected calibration error; `bins` are returned without the empty ones. Null for no outcome.
 * Equal-width bin b holds edges[b] <= p < edges[b + 1], the last one 1 too; p is compared with edges b / B, because
 * floor(p B) is off by one at some edges (0.7 * 10 is not always 7). Equal-mass bins cut the outcomes, sorted by p and
 * then by place, at floor(b n / B); equal probabilities may be parted, which leaves the bins equal in size.
 * @throws RangeError for lengths that differ, a p outside 0..1 or fewer than one bin
 */
export function calibrationError(
  labels: ArrayLike<number>,
  predictions: ArrayLike<number>,
  { bins = 'mass', count = 15 }: CalibrationOptions = {},
): CalibrationError | null {
  const n = labels.length
  if (n !== predictions.length)
    throw new RangeError(`Cannot hold ${predictions.length} predictions against ${n} labels`)
  if (!Number.isInteger(count) || count < 1) throw new RangeError(`Cannot make ${count} bins`)
  if (n === 0) return null
  const order = new Uint32Array(n)
  for (let i = 0; i < n; i++) {
    if (!(predictions[i] >= 0 && predictions[i] <= 1))
      throw new RangeError(`Cannot take prediction ${i} for a probability: it is ${predictions[i]}`)
    order[i] = i
  }
  order.sort((a, b) => predictions[a] - predictions[b] || a - b)
  const made: { n: number; predicted: number; observed: number }[] = []
  let start = 0
  for (let bin = 0; bin < count; bin++) {
    let end = bins === 'mass' ? Math.floor(((bin + 1) * n) / count) : start
    if (bins === 'width') while (end < n && (bin === count - 1 || predictions[order[end]] < (bin + 1) / count)) end++
    let p = 0
    let y = 0
    for (let i = start; i < end; i++) {
      p += predictions[order[i]]
      if (labels[order[i]] > 0) y++
    }
    const size = end - start
    if (size > 0) made.push({ n: size, predicted: p / size, observed: y / size })
    start = end
  }
  let value = 0
  let max = 0
  for (const bin of made) {
    const gap = Math.abs(bin.predicted - bin.observed)
    value += (gap * bin.n) / n
    max = Math.max(max, gap)
  }
  return { value, max, bins: made }
}
