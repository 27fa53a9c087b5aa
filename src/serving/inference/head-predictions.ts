import { type OutcomeValues, ValueModel } from '../../learning/models/index.ts'
import type { Predictions } from '../pipeline/index.ts'

/** What a ranking model said of a set of candidates, and what it is worth. */
export class HeadPredictions implements Predictions {
  readonly model: string
  readonly heads: readonly string[]
  readonly learned: readonly string[]
  private readonly probabilities: Float32Array
  private readonly values: OutcomeValues
  private readonly worth: ValueModel

  /** @param probabilities [n x heads] calibrated */
  constructor(
    model: string,
    { heads, learned }: { readonly heads: readonly string[]; readonly learned: readonly string[] },
    probabilities: Float32Array,
    values: OutcomeValues,
  ) {
    this.model = model
    this.heads = heads
    this.learned = learned
    this.probabilities = probabilities
    this.values = values
    this.worth = new ValueModel(values, heads, learned)
  }

  value(index: number): number {
    return this.worth.value(this.probabilities, index)
  }

  of(index: number): Record<string, number> {
    const from = index * this.heads.length
    return Object.fromEntries(
      this.heads.flatMap((head, h) => (this.learned.includes(head) ? [[head, this.probabilities[from + h]]] : [])),
    )
  }

  parts(index: number): Record<string, number> {
    return this.worth.parts(this.probabilities, index)
  }

  take(indices: ArrayLike<number>): HeadPredictions {
    const width = this.heads.length
    const taken = new Float32Array(indices.length * width)
    for (let to = 0; to < indices.length; to++) {
      const from = indices[to] * width
      for (let h = 0; h < width; h++) taken[to * width + h] = this.probabilities[from + h]
    }
    return new HeadPredictions(this.model, this, taken, this.values)
  }
}
