import { rowOf, type Similarity, type SimilarityRow, type Spread } from './spread.ts'

/**
 * Maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998): the next pick maximises
 * lambda x relevance(i) - (1 - lambda) x max over the latest `held` picks of similarity(i, j). Nothing picked: the
 * maximum is 0. Relevance and similarity both lie in 0..1. Cost per pick: one row of similarities, and `held` x n.
 */
export class Mmr implements Spread {
  readonly gains: Float64Array
  private readonly relevance: Float64Array
  private readonly similarityRow: SimilarityRow
  private readonly lambda: number
  private readonly held: number
  private readonly rows: Float64Array[] = [] // of the latest picks, oldest first

  /** `similarityRow`: the same as `similarity`, a row at a time. */
  constructor(
    relevance: Float64Array,
    similarity: Similarity,
    lambda: number,
    held: number,
    similarityRow: SimilarityRow = rowOf(similarity),
  ) {
    this.relevance = relevance
    this.similarityRow = similarityRow
    this.lambda = lambda
    this.held = held
    this.gains = relevance.map((value) => lambda * value)
  }

  pick(index: number): void {
    if (this.held === 0) return
    const { rows, gains, relevance, lambda } = this
    const row = rows.length === this.held ? (rows.shift() as Float64Array) : new Float64Array(gains.length)
    this.similarityRow(index, row)
    rows.push(row)
    for (let i = 0; i < gains.length; i++) {
      let closest = 0
      for (const other of rows) if (other[i] > closest) closest = other[i]
      gains[i] = lambda * relevance[i] - (1 - lambda) * closest
    }
  }
}
