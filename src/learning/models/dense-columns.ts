import { Random } from '../../foundation/base/index.ts'

/** Rows that columns are fitted on, drawn evenly. */
const FIT_ROWS_MAX = 20_000
/** Normalised values end here, so that an outlier cannot drown the others. */
const CLIP = 6
const KNOTS = 32
/** From this skewness on, a column without negative values is taken by its logarithm. */
const SKEWED = 3

export const transforms = {
  standard: '(x - mean) / deviation',
  log: '(log(1 + x) - mean) / deviation; x below 0 counts as 0',
  quantile: 'share of training values below x, scaled to -1..1, linear between 32 knots',
} as const
export type Transform = keyof typeof transforms

/** How one dense feature becomes a number around 0. Plain data: it lies in the manifest of the model. */
export interface DenseColumn {
  readonly name: string
  readonly transform: Transform
  readonly mean: number
  /** 0 for a column that never changed: it stays 0 whatever is served later. */
  readonly deviation: number
  /** Ascending; for `quantile`. */
  readonly knots?: readonly number[]
}

export interface FitOptions {
  /** By column name; the others choose between standard and log by their skewness. */
  readonly transforms?: Readonly<Record<string, Transform>>
  readonly seed?: string | number
}

/**
 * Fits columns on row-major blocks [rows x names.length].
 * @throws RangeError for no row, or a value that is not finite
 */
export function fitColumns(
  names: readonly string[],
  blocks: Iterable<Float32Array>,
  { transforms: chosen = {}, seed = 0 }: FitOptions = {},
): DenseColumn[] {
  const sample = drawRows(names, blocks, new Random(`${seed} columns`))
  return names.map((name, column) => {
    const values = Float64Array.from(
      { length: sample.length / names.length },
      (_, i) => sample[i * names.length + column],
    )
    return fitColumn(name, values, chosen[name])
  })
}

function fitColumn(name: string, values: Float64Array, chosen: Transform | undefined): DenseColumn {
  const plain = moments(values)
  const transform = chosen ?? (plain.skewness > SKEWED && values.every((x) => x >= 0) ? 'log' : 'standard')
  if (transform === 'standard') return { name, transform, mean: plain.mean, deviation: plain.deviation }
  if (transform === 'log') {
    const { mean, deviation } = moments(values.map((x) => Math.log1p(Math.max(0, x))))
    return { name, transform, mean, deviation }
  }
  const sorted = values.slice().sort()
  const knots = Array.from({ length: KNOTS }, (_, i) => sorted[Math.round((i * (sorted.length - 1)) / (KNOTS - 1))])
  return { name, transform, mean: 0, deviation: knots[0] === knots[KNOTS - 1] ? 0 : 1, knots }
}

/** Every row with the same chance, in a reservoir (Vitter 1985, algorithm R). */
function drawRows(names: readonly string[], blocks: Iterable<Float32Array>, random: Random): Float32Array {
  const width = names.length
  const held = new Float32Array(FIT_ROWS_MAX * width)
  let seen = 0
  for (const block of blocks) {
    for (let from = 0; from + width <= block.length; from += width, seen++) {
      const place = seen < FIT_ROWS_MAX ? seen : random.int(seen + 1)
      if (place >= FIT_ROWS_MAX) continue
      for (let d = 0; d < width; d++) {
        const value = block[from + d]
        if (!Number.isFinite(value))
          throw new RangeError(`Cannot fit feature "${names[d]}": row ${seen} holds ${value}`)
        held[place * width + d] = value
      }
    }
  }
  if (seen === 0) throw new RangeError('Cannot fit features: there is no row')
  return held.subarray(0, Math.min(seen, FIT_ROWS_MAX) * width)
}

function moments(values: Float64Array): { mean: number; deviation: number; skewness: number } {
  const n = values.length
  const mean = values.reduce((sum, x) => sum + x, 0) / n
  let square = 0
  let cube = 0
  for (const x of values) {
    square += (x - mean) ** 2
    cube += (x - mean) ** 3
  }
  const deviation = Math.sqrt(square / n)
  // The mean of many equal values is a rounding away from them: that is no spread.
  if (deviation <= 1e-9 * Math.max(1, Math.abs(mean))) return { mean, deviation: 0, skewness: 0 }
  return { mean, deviation, skewness: cube / n / deviation ** 3 }
}

/** Normalises rows of features. The same object for training and for serving, so there is no skew between them. */
export class Normaliser {
  private readonly columns: readonly DenseColumn[]
  private readonly means: Float64Array
  private readonly scales: Float64Array
  /** Empty for columns without. */
  private readonly knots: readonly Float64Array[]

  constructor(columns: readonly DenseColumn[]) {
    this.columns = columns
    this.means = Float64Array.from(columns, ({ mean }) => mean)
    this.scales = Float64Array.from(columns, ({ deviation }) => (deviation > 0 ? 1 / deviation : 0))
    this.knots = columns.map(({ knots = [] }) => Float64Array.from(knots))
  }

  /** [rows x columns] to the same shape; a value that is not finite becomes 0, the middle. */
  apply(raw: Float32Array, rows: number, out: Float32Array): void {
    const width = this.columns.length
    const end = rows * width
    for (let column = 0; column < width; column++) {
      const { transform } = this.columns[column]
      const mean = this.means[column]
      const scale = this.scales[column]
      const knots = this.knots[column]
      // A loop for each, so that each is as tight as it can be.
      if (transform === 'standard')
        for (let at = column; at < end; at += width) out[at] = clipped((raw[at] - mean) * scale)
      else if (transform === 'log')
        for (let at = column; at < end; at += width)
          out[at] = clipped((Math.log1p(Math.max(0, raw[at])) - mean) * scale)
      else placeBetween(knots, scale, raw, out, column, end, width)
    }
  }
}

const clipped = (value: number): number =>
  value > CLIP ? CLIP : value < -CLIP ? -CLIP : Number.isNaN(value) ? 0 : value

/**
 * Writes the places of values among ascending knots, -1 to 1 times `scale`; the middle of a run of equal knots. One loop
 * over the column: a function per value would put each value and each place on the heap.
 */
function placeBetween(
  knots: Float64Array,
  scale: number,
  raw: Float32Array,
  out: Float32Array,
  start: number,
  end: number,
  stride: number,
): void {
  const last = knots.length - 1
  for (let at = start; at < end; at += stride) {
    const x = raw[at]
    let low = 0
    for (let high = knots.length; low < high; ) {
      const middle = (low + high) >> 1
      if (knots[middle] < x) low = middle + 1
      else high = middle
    }
    let high = low
    while (high <= last && knots[high] === x) high++
    let place: number
    if (high > low) place = (low + high - 1) / last - 1
    else if (low === 0) place = -1
    else if (low > last) place = 1
    else place = (2 * (low - 1 + (x - knots[low - 1]) / (knots[low] - knots[low - 1]))) / last - 1
    out[at] = clipped(scale * place)
  }
}
