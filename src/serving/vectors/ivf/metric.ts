/** This share of the metric is the plain one, so that no direction that some query may take counts for nothing. */
const PLAIN_SHARE = 0.03

/**
 * How much two vectors differ to those who ask: the mean square of the difference of their scores over the queries,
 * E[(q . (x - y))^2] = (x - y)' C (x - y), C the second moment of the queries. Viewers' vectors of trained towers lie near
 * a few directions, often those in which items vary least: cells that are compact in them are few to read, cells that are
 * compact by the plain distance are nearly all to read.
 */
export interface Metric {
  readonly dim: number
  /** [dim, dim], symmetric and positive definite. */
  readonly matrix: Float64Array
}

/** The metric of these queries [q, dim]; without any, the plain distance. */
export function metricOf(queries: Float32Array | undefined, dim: number): Metric {
  const matrix = new Float64Array(dim * dim)
  const count = (queries?.length ?? 0) / dim
  let trace = 0
  for (let q = 0; queries && q < queries.length; q += dim) {
    for (let i = 0; i < dim; i++) {
      trace += queries[q + i] ** 2 / count
      for (let j = 0; j < dim; j++) matrix[i * dim + j] += (queries[q + i] * queries[q + j]) / count
    }
  }
  const share = trace > 0 ? PLAIN_SHARE : 1
  const plain = trace > 0 ? trace / dim : 1
  for (let i = 0; i < matrix.length; i++) matrix[i] *= 1 - share
  for (let i = 0; i < dim; i++) matrix[i * dim + i] += share * plain
  return { dim, matrix }
}

/** C x, into `out`. */
export function times({ dim, matrix }: Metric, vector: Float64Array, out: Float64Array): void {
  for (let i = 0; i < dim; i++) {
    let sum = 0
    for (let j = 0; j < dim; j++) sum += matrix[i * dim + j] * vector[j]
    out[i] = sum
  }
}

/**
 * L [dim, dim], lower triangular, with L L' = C (Cholesky): the length of L' (x - y) is what x and y differ by, so that along
 * these axes every direction counts the same to those who ask, and a step of a code costs no more in one than in another.
 */
export function axesOf({ dim, matrix }: Metric): Float64Array {
  const axes = new Float64Array(dim * dim)
  for (let i = 0; i < dim; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = matrix[i * dim + j]
      for (let k = 0; k < j; k++) rest -= axes[i * dim + k] * axes[j * dim + k]
      axes[i * dim + j] = i === j ? Math.sqrt(rest) : rest / axes[j * dim + j]
    }
  }
  return axes
}
