import { type Calibration, sigmoid, uncalibrated } from '../models/index.ts'

const STEPS_MAX = 100
/** Points of an isotonic curve; neighbours are merged beyond. */
const POINTS_MAX = 64
/** Labels below which a curve is not to be trusted. */
const LABELS_MIN = 50

export type CalibrationKind = Calibration['kind']

/**
 * Fits a calibration on logits the model was not trained on. Labels lie in 0..1. Too few labels, or one value: none.
 * @throws RangeError for lengths that differ, or a NaN logit
 */
export function fitCalibration(
  kind: CalibrationKind,
  logits: ArrayLike<number>,
  labels: ArrayLike<number>,
): Calibration {
  if (logits.length !== labels.length)
    throw new RangeError(`Cannot fit ${logits.length} logits to ${labels.length} labels`)
  const wrong = Array.prototype.findIndex.call(logits, Number.isNaN)
  if (wrong >= 0) throw new RangeError(`Cannot calibrate by logit ${wrong}: it is NaN`)
  const first = labels[0]
  if (kind === 'none' || labels.length < LABELS_MIN || Array.prototype.every.call(labels, (y) => y === first))
    return uncalibrated
  return kind === 'platt' ? fitPlatt(logits, labels) : fitIsotonic(logits, labels)
}

/**
 * Platt 1999 by Newton's method with halved steps, with the targets of Lin, Lin and Weng 2007: a positive counts as
 * (N+ + 1) / (N+ + 2) and a negative as 1 / (N- + 2), so that separable logits give finite a and b.
 */
function fitPlatt(logits: ArrayLike<number>, labels: ArrayLike<number>): Calibration {
  const n = logits.length
  let positives = 0
  for (let i = 0; i < n; i++) positives += labels[i]
  const high = (positives + 1) / (positives + 2)
  const low = 1 / (n - positives + 2)
  const target = Float64Array.from({ length: n }, (_, i) => low + (high - low) * labels[i])
  const lossAt = (a: number, b: number): number => {
    let sum = 0
    for (let i = 0; i < n; i++) {
      const z = a * logits[i] + b
      sum += Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))) - target[i] * z
    }
    return sum
  }
  let a = 1
  let b = 0
  let loss = lossAt(a, b)
  for (let step = 0; step < STEPS_MAX; step++) {
    let [ga, gb, haa, hab, hbb] = [0, 0, 1e-9, 0, 1e-9]
    for (let i = 0; i < n; i++) {
      const x = logits[i]
      const p = sigmoid(a * x + b)
      const g = p - target[i]
      const h = p * (1 - p)
      ga += g * x
      gb += g
      haa += h * x * x
      hab += h * x
      hbb += h
    }
    const determinant = haa * hbb - hab * hab
    const da = (hbb * ga - hab * gb) / determinant
    const db = (haa * gb - hab * ga) / determinant
    let size = 1
    while (size > 1e-6 && !(lossAt(a - size * da, b - size * db) <= loss)) size /= 2
    a -= size * da
    b -= size * db
    const next = lossAt(a, b)
    if (Math.abs(loss - next) < 1e-10 * n) break
    loss = next
  }
  return a > 0 ? { kind: 'platt', a, b } : uncalibrated // a falling curve would turn the order around
}

/**
 * Pool adjacent violators (Ayer et al. 1955) over logits in ascending order, equal ones pooled from the start, then at most
 * POINTS_MAX points.
 */
function fitIsotonic(logits: ArrayLike<number>, labels: ArrayLike<number>): Calibration {
  const order = Uint32Array.from({ length: logits.length }, (_, i) => i).sort((x, y) => logits[x] - logits[y] || x - y)
  const blocks: Block[] = []
  for (let start = 0, end = 0; start < order.length; start = end) {
    const logit = logits[order[start]]
    let sum = 0
    while (end < order.length && logits[order[end]] === logit) sum += labels[order[end++]]
    let block: Block = { logit, label: sum / (end - start), weight: end - start }
    for (let below = blocks.at(-1); below && below.label >= block.label; below = blocks.at(-1)) {
      blocks.pop()
      block = merged(below, block)
    }
    blocks.push(block)
  }
  while (blocks.length > POINTS_MAX) {
    let least = 1
    for (let i = 2; i < blocks.length; i++) if (gap(blocks, i) < gap(blocks, least)) least = i
    blocks.splice(least - 1, 2, merged(blocks[least - 1], blocks[least]))
  }
  return {
    kind: 'isotonic',
    logits: blocks.map(({ logit }) => logit),
    probabilities: blocks.map(({ label }) => label),
  }
}

type Block = { logit: number; label: number; weight: number }

/** How much is lost by merging block i with the one before. */
function gap(blocks: readonly Block[], i: number): number {
  const [a, b] = [blocks[i - 1], blocks[i]]
  return ((a.weight * b.weight) / (a.weight + b.weight)) * (a.label - b.label) ** 2
}

function merged(a: Block, b: Block): Block {
  const weight = a.weight + b.weight
  const mean = (x: number, y: number) => (a.weight * x + b.weight * y) / weight
  return { logit: mean(a.logit, b.logit), label: mean(a.label, b.label), weight }
}
