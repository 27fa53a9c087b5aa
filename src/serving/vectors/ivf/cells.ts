import type { Random } from '../../../foundation/base/index.ts'
import { type Pause, Products } from './products.ts'

/** Vectors that k-means learns from, per cell. */
const SAMPLE_PER_CELL = 64
const ITERATIONS = 8

/** Directions of cells, and the cell of each vector. */
export interface Cells {
  /** [cells, dim], length 1 */
  readonly centroids: Float32Array
  /** [n] */
  readonly cellOf: Uint16Array
}

/**
 * Spherical k-means (Dhillon and Modha, 2001) on a sample: a vector belongs to the direction with the greatest inner
 * product, the first of equals; a direction is the normalised sum of the unit vectors that belong to it; one that has
 * none starts again at a vector drawn from the sample.
 */
export async function findCells(
  vectors: Float32Array,
  dim: number,
  cells: number,
  random: Random,
  pause?: Pause,
): Promise<Cells> {
  const count = vectors.length / dim
  const sample = sampleOf(vectors, dim, Math.min(count, cells * SAMPLE_PER_CELL), random)
  const centroids = sample.slice(0, cells * dim)
  const products = await Products.open(dim, cells)
  try {
    const assign = async (of: Float32Array): Promise<Uint16Array> => {
      const cellOf = new Uint16Array(of.length / dim)
      await products.each(
        of,
        centroids,
        (i, all, at) => {
          cellOf[i] = greatest(all, at, cells)
        },
        pause,
      )
      return cellOf
    }
    for (let turn = 0; turn < ITERATIONS; turn++) move(centroids, sample, await assign(sample), dim, random)
    return { centroids, cellOf: await assign(vectors) }
  } finally {
    await products.close()
  }
}

/** Unit vectors drawn without repetition. */
function sampleOf(vectors: Float32Array, dim: number, n: number, random: Random): Float32Array {
  const order = Uint32Array.from({ length: vectors.length / dim }, (_, i) => i)
  const sample = new Float32Array(n * dim)
  for (let i = 0; i < n; i++) {
    const j = i + random.int(order.length - i)
    const row = order[j]
    order[j] = order[i]
    sample.set(vectors.subarray(row * dim, (row + 1) * dim), i * dim)
    normalise(sample, i * dim, dim)
  }
  return sample
}

function move(centroids: Float32Array, sample: Float32Array, cellOf: Uint16Array, dim: number, random: Random): void {
  const counts = new Uint32Array(centroids.length / dim)
  centroids.fill(0)
  for (let i = 0; i < cellOf.length; i++) {
    counts[cellOf[i]]++
    const to = cellOf[i] * dim
    for (let d = 0; d < dim; d++) centroids[to + d] += sample[i * dim + d]
  }
  for (let cell = 0; cell < counts.length; cell++) {
    if (counts[cell] === 0 || !normalise(centroids, cell * dim, dim)) {
      const row = random.int(cellOf.length)
      centroids.set(sample.subarray(row * dim, (row + 1) * dim), cell * dim)
    }
  }
}

function greatest(all: Float32Array, at: number, n: number): number {
  let best = 0
  let most = all[at]
  for (let i = 1; i < n; i++) {
    if (all[at + i] > most) {
      most = all[at + i]
      best = i
    }
  }
  return best
}

/** False for a vector without length, which stays as it is. */
function normalise(vectors: Float32Array, at: number, dim: number): boolean {
  const length = lengthOf(vectors, at, dim)
  if (length < 1e-12) return false
  for (let d = 0; d < dim; d++) vectors[at + d] /= length
  return true
}

export function lengthOf(vectors: Float32Array, at: number, dim: number): number {
  let sum = 0
  for (let d = 0; d < dim; d++) sum += vectors[at + d] * vectors[at + d]
  return Math.sqrt(sum)
}
