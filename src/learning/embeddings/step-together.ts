import { SluiceError } from '../../foundation/base/index.ts'
import type { DenseVector } from './dense/vector.ts'
import type { EmbeddingTable } from './table.ts'

export interface Parts {
  readonly dense?: readonly DenseVector[]
  readonly tables?: readonly EmbeddingTable[]
}

export interface TogetherOptions {
  /** Learning rate of the dense weights in this step; theirs when left out. */
  readonly denseRate?: number
  /** Learning rate of the tables in this step; theirs when left out. */
  readonly tableRate?: number
  /** The most that the length of all gradients together may be; longer ones are scaled down. Default: no limit. */
  readonly normMax?: number
}

export interface TogetherResult {
  /** Length of all gradients together before clipping. */
  readonly norm: number
  /** What they were multiplied by: 1 when not clipped. */
  readonly scale: number
}

/**
 * One step of everything a model learns, all or nothing: gradients that are not finite are refused before any weight
 * has moved (ERR_GRADIENT_NOT_FINITE; pending gradients are dropped). Clips by global norm as PyTorch's clip_grad_norm_:
 * scale = normMax / (norm + 1e-6), at most 1.
 */
export function stepTogether(parts: Parts, options: TogetherOptions = {}): TogetherResult {
  const { dense = [], tables = [] } = parts
  const { denseRate, tableRate, normMax = Number.POSITIVE_INFINITY } = options
  const squares = new Map<DenseVector | EmbeddingTable, number>()
  for (const part of [...dense, ...tables]) squares.set(part, part.squares())
  for (const [part, own] of squares) {
    if (Number.isFinite(own)) continue
    for (const table of tables) table.discard()
    throw new SluiceError('ERR_GRADIENT_NOT_FINITE', [`"${part.name}"`, String(part.steps + 1)])
  }
  const norm = Math.sqrt([...squares.values()].reduce((sum, own) => sum + own, 0))
  const scale = Math.min(1, normMax / (norm + 1e-6))
  const take = (part: DenseVector | EmbeddingTable, rate: number | undefined) =>
    part.step({ scale, squares: squares.get(part) as number, ...(rate !== undefined && { rate }) })
  for (const vector of dense) take(vector, denseRate)
  for (const table of tables) take(table, tableRate)
  return { norm, scale }
}
