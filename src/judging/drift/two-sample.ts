import { Random } from '../../foundation/base/index.ts'
import { auc } from '../metrics/index.ts'
import { checkSizes } from './shares.ts'

/** Rows per side that are looked at; of more a sample is drawn by lot. */
const ROWS_MAX = 5000
const STEPS = 200
const RATE = 0.05
const RIDGE = 1e-3

/** Effect and doubt that together call for action. */
export const twoSampleAction = { auc: 0.6, p: 0.01 } as const

export interface TwoSampleOptions {
  readonly seed?: string | number
  /** Names of the columns, for the report. */
  readonly names?: readonly string[]
}

export interface TwoSample {
  /** Of rows held out: 0.5 when the sides cannot be told apart. */
  readonly auc: number
  readonly accuracy: number
  /** One-sided p of the AUC under no difference, normal approximation: sd = sqrt((n1 + n2 + 1) / (12 n1 n2)). */
  readonly p: number
  readonly heldOut: number
  /** Columns that tell the sides apart, strongest first, with their weight on standardised values. */
  readonly columns: readonly { readonly name: string; readonly weight: number }[]
}

/**
 * Classifier two-sample test (Lopez-Paz and Oquab, ICLR 2017): a logistic regression learns on one half of the rows to
 * tell reference from current, and is judged on the other half. Sees what shifts jointly in several columns. Leave out
 * ids and times: they always tell. Rows are [n x width], row-major; missing cells (NaN) count as the mean.
 * @throws RangeError for fewer than 1000 rows on a side or lengths that are no whole rows
 */
export function classifierTwoSample(
  reference: Float32Array,
  current: Float32Array,
  width: number,
  { seed = 'two-sample', names = [] }: TwoSampleOptions = {},
): TwoSample {
  if (reference.length % width !== 0 || current.length % width !== 0)
    throw new RangeError(`Cannot read ${reference.length} and ${current.length} values as rows of ${width}`)
  checkSizes('a classifier', reference.length / width, current.length / width)
  const random = new Random(seed)
  const sides = [reference, current].map((side) => drawn(side.length / width, random)) as [Uint32Array, Uint32Array]
  const halves = [0, 1].map((half) => rowsOf([reference, current], sides, half, width)) as [Rows, Rows]
  standardise(halves[0], halves, width)
  const weights = learn(halves[0], width)
  const { labels } = halves[1]
  const scores = labels.map((_, row) => score(halves[1], row, weights, width))
  const n2 = labels.reduce((sum, label) => sum + label, 0)
  const n1 = labels.length - n2
  const value = auc(labels, scores) ?? 0.5
  const right = labels.reduce((sum, label, row) => sum + (scores[row] > 0 === label > 0 ? 1 : 0), 0)
  const columns = Array.from({ length: width }, (_, c) => ({ name: names[c] ?? `column ${c}`, weight: weights[c] }))
  columns.sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight) || (a.name < b.name ? -1 : 1))
  return {
    auc: value,
    accuracy: right / labels.length,
    p: upperTail((value - 0.5) / Math.sqrt((n1 + n2 + 1) / (12 * n1 * n2))),
    heldOut: labels.length,
    columns,
  }
}

/** One-sided p of an accuracy on n rows held out, of which half are of each side: sd = sqrt(0.25 / n). */
export function accuracyP(accuracy: number, n: number): number {
  return upperTail((accuracy - 0.5) / Math.sqrt(0.25 / n))
}

interface Rows {
  readonly labels: Float64Array // 1: current
  readonly cells: Float64Array // [rows x width]
}

function drawn(rows: number, random: Random): Uint32Array {
  const order = random.shuffle(Uint32Array.from({ length: rows }, (_, i) => i))
  return order.subarray(0, ROWS_MAX)
}

/** Every second drawn row of each side. */
function rowsOf(sides: readonly Float32Array[], chosen: readonly Uint32Array[], half: number, width: number): Rows {
  const picked = chosen.map((rows) => rows.filter((_, i) => i % 2 === half))
  const count = picked.reduce((sum, rows) => sum + rows.length, 0)
  const labels = new Float64Array(count)
  const cells = new Float64Array(count * width)
  let to = 0
  picked.forEach((rows, side) => {
    for (const row of rows) {
      labels[to] = side
      for (let c = 0; c < width; c++) cells[to * width + c] = sides[side]![row * width + c]
      to++
    }
  })
  return { labels, cells }
}

/** Mean 0 and deviation 1 by the part that is learned from; missing cells and constant columns become 0. */
function standardise(learned: Rows, all: readonly Rows[], width: number): void {
  for (let c = 0; c < width; c++) {
    let [n, mean, squares] = [0, 0, 0]
    for (let at = c; at < learned.cells.length; at += width) {
      const value = learned.cells[at]
      if (Number.isNaN(value)) continue
      const off = value - mean
      mean += off / ++n
      squares += off * (value - mean)
    }
    const deviation = n > 0 ? Math.sqrt(squares / n) : 0
    for (const { cells } of all)
      for (let at = c; at < cells.length; at += width)
        cells[at] = deviation > 0 && !Number.isNaN(cells[at]) ? (cells[at] - mean) / deviation : 0
  }
}

/** Logistic regression by full-batch Adam; [width + 1] weights, the intercept last. */
function learn(rows: Rows, width: number): Float64Array {
  const weights = new Float64Array(width + 1)
  const first = new Float64Array(width + 1)
  const second = new Float64Array(width + 1)
  const gradient = new Float64Array(width + 1)
  const n = rows.labels.length
  for (let step = 1; step <= STEPS; step++) {
    for (let c = 0; c <= width; c++) gradient[c] = c < width ? RIDGE * weights[c] : 0
    for (let row = 0; row < n; row++) {
      const error = (1 / (1 + Math.exp(-score(rows, row, weights, width))) - rows.labels[row]) / n
      for (let c = 0; c < width; c++) gradient[c] += error * rows.cells[row * width + c]
      gradient[width] += error
    }
    for (let c = 0; c <= width; c++) {
      first[c] = 0.9 * first[c] + 0.1 * gradient[c]
      second[c] = 0.999 * second[c] + 0.001 * gradient[c] ** 2
      const scale = Math.sqrt(second[c] / (1 - 0.999 ** step)) + 1e-8
      weights[c] -= (RATE * first[c]) / (1 - 0.9 ** step) / scale
    }
  }
  return weights
}

function score({ cells }: Rows, row: number, weights: Float64Array, width: number): number {
  let sum = weights[width]
  for (let c = 0; c < width; c++) sum += weights[c] * cells[row * width + c]
  return sum
}

/** P(Z > z) of a standard normal: Abramowitz and Stegun 7.1.26 is too coarse; a continued fraction and a series. */
function upperTail(z: number): number {
  if (z < 0) return 1 - upperTail(-z)
  if (z > 38) return 0
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)
  if (z > 3) {
    let fraction = z
    for (let k = 60; k >= 1; k--) fraction = z + k / fraction
    return density / fraction
  }
  let term = z
  let sum = z
  for (let k = 1; k < 200 && term > 1e-17 * sum; k++) {
    term *= (z * z) / (2 * k + 1)
    sum += term
  }
  return 0.5 - density * sum
}
