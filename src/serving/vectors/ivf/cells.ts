import type { Random } from '../../../foundation/base/index.ts'
import { type Metric, times } from './metric.ts'
import { type Pause, Products } from './products.ts'

/** Vectors that k-means learns from, per cell. */
const SAMPLE_PER_CELL = 64
const ITERATIONS = 8

/** What tells the cell of any vector x: that with the greatest `pulls` . x - `bars`, the first of equals. */
export interface Borders {
  /** [cells, dim] */
  readonly pulls: Float32Array
  /** [cells] */
  readonly bars: Float32Array
}

export interface Cells {
  readonly borders: Borders
  /** [cells, dim]: the mean of each cell's vectors */
  readonly means: Float32Array
  /** [n]: the cell of each vector */
  readonly cellOf: Uint16Array
}

/**
 * k-means (Lloyd, 1982) by a metric, on a sample: a vector x belongs to the mean m with the least (x - m)' C (x - m), which
 * is the greatest x' C m - m' C m / 2; a cell that has none starts again at a vector drawn from the sample.
 */
export async function findCells(
  vectors: Float32Array,
  metric: Metric,
  cells: number,
  random: Random,
  pause?: Pause,
): Promise<Cells> {
  const { dim } = metric
  const count = vectors.length / dim
  const sample = sampleOf(vectors, dim, Math.min(count, cells * SAMPLE_PER_CELL), random)
  const centre = meansOf(sample, new Uint16Array(sample.length / dim), new Float64Array(dim))
  const products = await Products.open(dim, cells)
  try {
    const assign = async (of: Float32Array, { pulls, bars }: Borders): Promise<Uint16Array> => {
      const cellOf = new Uint16Array(of.length / dim)
      await products.each(
        of,
        pulls,
        (i, all, at) => {
          cellOf[i] = greatest(all, at, bars)
        },
        pause,
      )
      return cellOf
    }
    let means: Float64Array = Float64Array.from(sample.subarray(0, cells * dim))
    for (let turn = 0; turn < ITERATIONS; turn++) {
      const cellOf = await assign(sample, bordersOf(means, centre, metric))
      means = meansOf(sample, cellOf, restarted(means, cellOf, sample, dim, random))
    }
    const borders = bordersOf(means, centre, metric)
    const cellOf = await assign(vectors, borders)
    return { borders, means: Float32Array.from(meansOf(vectors, cellOf, means)), cellOf }
  } finally {
    await products.close()
  }
}

/** Vectors drawn without repetition. */
function sampleOf(vectors: Float32Array, dim: number, n: number, random: Random): Float32Array {
  const order = Uint32Array.from({ length: vectors.length / dim }, (_, i) => i)
  const sample = new Float32Array(n * dim)
  for (let i = 0; i < n; i++) {
    const j = i + random.int(order.length - i)
    const row = order[j]
    order[j] = order[i]
    sample.set(vectors.subarray(row * dim, (row + 1) * dim), i * dim)
  }
  return sample
}

/**
 * Means as borders. Everything is seen from `centre`, which changes no cell: what all vectors have in common would else
 * take the digits in which they differ.
 */
function bordersOf(means: Float64Array, centre: Float64Array, metric: Metric): Borders {
  const { dim } = metric
  const cells = means.length / dim
  const pulls = new Float32Array(means.length)
  const bars = new Float32Array(cells)
  const off = new Float64Array(dim)
  const pull = new Float64Array(dim)
  for (let cell = 0; cell < cells; cell++) {
    const at = cell * dim
    for (let d = 0; d < dim; d++) off[d] = means[at + d] - centre[d]
    times(metric, off, pull)
    pulls.set(pull, at)
    bars[cell] = pull.reduce((sum, x, d) => sum + x * (off[d] / 2 + centre[d]), 0)
  }
  return { pulls, bars }
}

/** The mean of each cell's vectors; a cell that has none keeps what it is in `before`. */
function meansOf(vectors: Float32Array, cellOf: Uint16Array, before: Float64Array): Float64Array {
  const dim = vectors.length / cellOf.length
  const counts = new Uint32Array(before.length / dim)
  const means = new Float64Array(before.length)
  for (let i = 0; i < cellOf.length; i++) {
    counts[cellOf[i]]++
    const to = cellOf[i] * dim
    for (let d = 0; d < dim; d++) means[to + d] += vectors[i * dim + d]
  }
  for (let cell = 0; cell < counts.length; cell++)
    for (let d = cell * dim; d < (cell + 1) * dim; d++)
      means[d] = counts[cell] === 0 ? before[d] : means[d] / counts[cell]
  return means
}

/** The same, but that cells without vectors are at a vector of the sample. */
function restarted(
  means: Float64Array,
  cellOf: Uint16Array,
  sample: Float32Array,
  dim: number,
  random: Random,
): Float64Array {
  const taken = new Set(cellOf)
  for (let cell = 0; cell * dim < means.length; cell++) {
    if (taken.has(cell)) continue
    const row = random.int(cellOf.length)
    means.set(sample.subarray(row * dim, (row + 1) * dim), cell * dim)
  }
  return means
}

function greatest(all: Float32Array, at: number, bars: Float32Array): number {
  let best = 0
  let most = all[at] - bars[0]
  for (let i = 1; i < bars.length; i++) {
    const one = all[at + i] - bars[i]
    if (one > most) {
      most = one
      best = i
    }
  }
  return best
}
