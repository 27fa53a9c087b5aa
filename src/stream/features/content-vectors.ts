import { Column, hash32, type Shelf } from '../../foundation/base/index.ts'
import type { AppliedEvent, Items, Projection } from '../catalog/index.ts'

export const CONTENT_DIMENSIONS = 32
/** Cells that one token is spread over, one in each block of eight, so that a token never cancels itself. */
const SPREAD = 4
const BLOCK = CONTENT_DIMENSIONS / SPREAD
const TITLE_WORDS = 24
const weights = { category: 1, tag: 1, creator: 0.7, language: 0.3, word: 0.3 } as const

/**
 * One unit vector per item from its facts, by signed feature hashing (Weinberger et al., ICML 2009): each token adds
 * plus or minus its weight to cells chosen by its hash, so that inner products are right in expectation. Tokens are not
 * weighted by rarity (no idf): a vector depends on its own item alone. The standard error of a cosine is about
 * 1 / sqrt(32) = 0.18, which tells alike from unlike and no more. A deleted item, or one without facts, has the zero
 * vector.
 */
export class ContentVectors implements Projection {
  readonly name = 'content-vectors'
  readonly dimensions = CONTENT_DIMENSIONS
  private readonly vectors = new Column(Float32Array, { width: CONTENT_DIMENSIONS })
  private readonly items: Items

  constructor(items: Items) {
    this.items = items
  }

  apply(_event: AppliedEvent): void {}

  forget(_user: number): void {}

  shelve(shelf: Shelf): void {
    shelf.part('vectors', this.vectors)
  }

  itemChanged(row: number, alive: boolean): void {
    this.vectors.ensure(row)
    this.vectors.clear(row)
    if (!alive) return
    const item = this.items.document(row)
    if (!item) return
    for (const name of new Set(item.categories)) this.add(row, `category ${name}`, weights.category)
    for (const name of new Set(item.tags?.map((tag) => tag.toLowerCase()))) this.add(row, `tag ${name}`, weights.tag)
    if (item.creator !== undefined) this.add(row, `creator ${item.creator}`, weights.creator)
    if (item.language !== undefined) this.add(row, `language ${item.language.toLowerCase()}`, weights.language)
    for (const word of wordsOf(item.title ?? '')) this.add(row, `word ${word}`, weights.word)
    this.normalise(row)
  }

  /** Copies a vector into `out` [32]. */
  vectorOf(row: number, out: Float32Array): void {
    if (row < 0 || row >= this.vectors.rows) out.fill(0, 0, CONTENT_DIMENSIONS)
    else out.set(this.vectors.array.subarray(row * CONTENT_DIMENSIONS, (row + 1) * CONTENT_DIMENSIONS))
  }

  /** Cosine, cut off at 0: 0 to 1. 0 when one of the two has no vector. */
  similarity(a: number, b: number): number {
    if (a < 0 || b < 0 || a >= this.vectors.rows || b >= this.vectors.rows) return 0
    const { array } = this.vectors
    const x = a * CONTENT_DIMENSIONS
    const y = b * CONTENT_DIMENSIONS
    let dot = 0
    for (let d = 0; d < CONTENT_DIMENSIONS; d++) dot += array[x + d] * array[y + d]
    return Math.min(1, Math.max(0, dot))
  }

  /** Writes the similarities of one item to others [n] into `out`: the very numbers of `similarity`, four at a time. */
  similarities(row: number, others: Uint32Array, out: Float64Array): void {
    const { array, rows } = this.vectors
    const x = row * CONTENT_DIMENSIONS
    let i = 0
    for (; i + 3 < others.length; i += 4) {
      const [a, b, c, e] = [others[i], others[i + 1], others[i + 2], others[i + 3]]
      if (row >= rows || a >= rows || b >= rows || c >= rows || e >= rows) break
      const atA = a * CONTENT_DIMENSIONS
      const atB = b * CONTENT_DIMENSIONS
      const atC = c * CONTENT_DIMENSIONS
      const atE = e * CONTENT_DIMENSIONS
      let [dotA, dotB, dotC, dotE] = [0, 0, 0, 0]
      // Each sum waits for its own last one only, so four are as quick as one.
      for (let d = 0; d < CONTENT_DIMENSIONS; d++) {
        const own = array[x + d]
        dotA += own * array[atA + d]
        dotB += own * array[atB + d]
        dotC += own * array[atC + d]
        dotE += own * array[atE + d]
      }
      out[i] = Math.min(1, Math.max(0, dotA))
      out[i + 1] = Math.min(1, Math.max(0, dotB))
      out[i + 2] = Math.min(1, Math.max(0, dotC))
      out[i + 3] = Math.min(1, Math.max(0, dotE))
    }
    for (; i < others.length; i++) out[i] = this.similarity(row, others[i])
  }

  private add(row: number, token: string, weight: number): void {
    const { array } = this.vectors
    const share = weight / Math.sqrt(SPREAD)
    let hash = hash32(token)
    for (let i = 0; i < SPREAD; i++, hash >>>= 4) {
      const cell = row * CONTENT_DIMENSIONS + i * BLOCK + (hash & 7)
      array[cell] += hash & 8 ? share : -share
    }
  }

  private normalise(row: number): void {
    const vector = this.vectors.array.subarray(row * CONTENT_DIMENSIONS, (row + 1) * CONTENT_DIMENSIONS)
    let square = 0
    for (const value of vector) square += value * value
    if (square === 0) return
    const scale = 1 / Math.sqrt(square)
    for (let d = 0; d < CONTENT_DIMENSIONS; d++) vector[d] *= scale
  }
}

function wordsOf(title: string): Set<string> {
  const words = title.toLowerCase().split(/[^\p{L}\p{N}]+/u)
  return new Set(words.filter((word) => word.length > 1).slice(0, TITLE_WORDS))
}
