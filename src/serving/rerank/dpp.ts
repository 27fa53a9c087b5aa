import { rowOf, type Similarity, type SimilarityRow, type Spread } from './spread.ts'

/** Below this share of its own variance a candidate lies in the span of the latest picks: nothing about it is new. */
const LEAST = 1e-10
/** Worth of such a candidate; all equal, so that relevance (the index) decides among them. */
const SPENT = -1

/**
 * Greedy MAP of a determinantal point process over a sliding window (Chen, Zhang and Zhou, NeurIPS 2018).
 * The kernel is L = diag(q) S diag(q); the next pick maximises the determinant of L over itself and the latest `held`
 * picks. Its factor is q_i^2 x d_i, where d_i = S_ii - |c_i|^2 is what is left of i's variance given those picks and
 * c_i solves V c_i = S_(picks, i), V being the Cholesky factor of S over them. A pick adds one row to all c; one that
 * leaves the window is turned out by Givens rotations. Cost per pick: one row of S and `held` x n.
 *
 * A kernel that is not quite positive semi-definite ends in d_i <= 0: such a candidate counts as spent.
 */
export class Dpp implements Spread {
  readonly gains: Float64Array
  private readonly worth: Float64Array // [n] q_i^2
  private readonly kernelRow: SimilarityRow
  private readonly held: number
  private readonly left: Float64Array // [n] d_i
  private readonly least: Float64Array // [n]
  /** Picks that the next one is held against, oldest first; those that span nothing new are not in the basis. */
  private readonly window: number[] = []
  private readonly basis: number[] = []
  private readonly rows: Float64Array[] = [] // [basis x n]: entry r of every c_i

  /** `kernelRow`: the same as `kernel`, a row at a time. */
  constructor(worth: Float64Array, kernel: Similarity, held: number, kernelRow: SimilarityRow = rowOf(kernel)) {
    this.worth = worth
    this.kernelRow = kernelRow
    this.held = held
    this.left = worth.map((_, i) => kernel(i, i))
    this.least = this.left.map((own) => own * LEAST)
    this.gains = new Float64Array(worth.length)
    this.refresh()
  }

  pick(index: number): void {
    if (this.held === 0) return
    if (this.window.length === this.held) this.leave(this.window.shift() as number)
    this.window.push(index)
    for (const pick of this.window)
      if (!this.basis.includes(pick) && this.left[pick] >= this.least[pick]) this.join(pick)
    this.refresh()
  }

  private join(pick: number): void {
    const { rows, left, kernelRow } = this
    const root = Math.sqrt(left[pick])
    const row = new Float64Array(left.length)
    kernelRow(pick, row)
    for (const earlier of rows) {
      const own = earlier[pick]
      if (own !== 0) for (let i = 0; i < row.length; i++) row[i] -= own * earlier[i]
    }
    for (let i = 0; i < row.length; i++) {
      row[i] /= root
      left[i] -= row[i] * row[i]
    }
    rows.push(row)
    this.basis.push(pick)
  }

  /**
   * Takes a pick out. Without its row the factor loses a column v; rotating v into the later columns makes the factor
   * of what remains, and the same rotations of the c_i leave a residue that goes back into their variance.
   */
  private leave(pick: number): void {
    const { rows, basis, left } = this
    const place = basis.indexOf(pick)
    if (place < 0) return
    const gone = rows[place] as Float64Array
    rows.splice(place, 1)
    basis.splice(place, 1)
    for (let r = place; r < rows.length; r++) {
      const row = rows[r] as Float64Array
      const own = basis[r]
      const length = Math.hypot(row[own], gone[own])
      const cosine = row[own] / length
      const sine = gone[own] / length
      for (let i = 0; i < row.length; i++) {
        const kept = cosine * row[i] + sine * gone[i]
        gone[i] = cosine * gone[i] - sine * row[i]
        row[i] = kept
      }
    }
    for (let i = 0; i < left.length; i++) left[i] += gone[i] * gone[i]
  }

  private refresh(): void {
    const { gains, worth, left, least } = this
    for (let i = 0; i < gains.length; i++) gains[i] = left[i] >= least[i] ? worth[i] * left[i] : SPENT
  }
}

/**
 * The squares of q for a trade-off: q = exp(alpha x relevance), alpha = theta / (2 (1 - theta)), theta the share of
 * relevance. All divided by that of relevance 1: a common factor changes no choice and keeps them finite.
 */
export function dppWorth(relevance: Float64Array, theta: number): Float64Array {
  const alpha = theta / (2 * (1 - theta))
  return relevance.map((value) => Math.exp(2 * alpha * (value - 1)))
}
