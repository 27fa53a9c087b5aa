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
  let squares = 0
  for (const part of [...dense, ...tables]) {
    const own = part.squares()
    if (!Number.isFinite(own)) {
      for (const table of tables) table.discard()
      throw new SluiceError('ERR_GRADIENT_NOT_FINITE', [`"${part.name}"`, String(part.steps + 1)])
    }
    squares += own
  }
  const norm = Math.sqrt(squares)
  const scale = Math.min(1, normMax / (norm + 1e-6))
  for (const vector of dense) vector.step({ scale, ...(denseRate !== undefined && { rate: denseRate }) })
  for (const table of tables) table.step({ scale, ...(tableRate !== undefined && { rate: tableRate }) })
  return { norm, scale }
}
