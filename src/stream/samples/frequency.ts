import { mix32 } from '../../foundation/base/index.ts'

export interface FrequencyOptions {
  /** Cells per hash; a power of two well above the number of items. Default 2^20. */
  readonly cells?: number
  /** Independent hashes, 1 to 5: the greatest of their gaps counts, so a collision has to happen in all. Default 2. */
  readonly hashes?: number
  /** How fast the mean gap follows. Default 0.05. */
  readonly rate?: number
  /** Mean gap to begin with, in steps: items / batch size. */
  readonly gap: number
}

/**
 * How often an item comes up in the stream, in constant memory: per cell the step it was last seen at, A, and the mean
 * gap in steps, B = (1 - rate) B + rate (t - A); the probability per step is 1 / B. Yi et al., "Sampling-Bias-Corrected
 * Neural Modeling", RecSys'19, algorithms 2 and 3 (with the greatest B of several hashes).
 */
export class StreamingFrequency {
  private readonly mask: number
  private readonly hashes: number
  private readonly rate: number
  private readonly last: Float64Array
  private readonly gaps: Float64Array

  constructor({ cells = 1 << 20, hashes = 2, rate = 0.05, gap }: FrequencyOptions) {
    if (cells < 1 || (cells & (cells - 1)) !== 0) throw new RangeError(`cells must be a power of two, not ${cells}`)
    if (!(gap > 0)) throw new RangeError(`gap must be above 0, not ${gap}`)
    this.mask = cells - 1
    this.hashes = hashes
    this.rate = rate
    this.last = new Float64Array(cells * hashes)
    this.gaps = new Float64Array(cells * hashes).fill(gap)
  }

  /** Items of the batch at a step, from 1. An item twice in one batch counts once. */
  seen(items: ArrayLike<number>, step: number): void {
    for (let i = 0; i < items.length; i++) {
      for (let h = 0; h < this.hashes; h++) {
        const cell = this.cell(items[i], h)
        if (this.last[cell] === step) continue
        this.gaps[cell] = (1 - this.rate) * this.gaps[cell] + this.rate * (step - this.last[cell])
        this.last[cell] = step
      }
    }
  }

  /** Probability that a batch holds the item, in (0, 1]. */
  probability(item: number): number {
    let gap = 1
    for (let h = 0; h < this.hashes; h++) gap = Math.max(gap, this.gaps[this.cell(item, h)])
    return 1 / gap
  }

  private cell(item: number, hash: number): number {
    return hash * (this.mask + 1) + (mix32(item ^ Math.imul(hash + 1, 0x9e3779b9)) & this.mask)
  }
}
