import { Random } from '../../foundation/base/index.ts'
import { Alias } from './alias.ts'

/** How many negatives all examples of a batch share, by the way they are drawn; in-batch ones come on top. */
export interface NegativeMix {
  /** The other examples' positives stand as negatives. Default true. */
  readonly inBatch?: boolean
  /** Drawn evenly from the items. */
  readonly uniform?: number
  /** Drawn by popularity^alpha. */
  readonly popular?: number
  /** Default 0.75 (Mikolov et al. 2013). */
  readonly alpha?: number
  /** Taken from the near misses of the batch, by lot. Keep it to a tenth of all. */
  readonly hard?: number
}

/** Columns that each of the B examples of a batch is scored against: its own positive is column i, negatives all others. */
export interface NegativeBatch {
  /** [C] item rows: the B positives (only when in-batch negatives are used: else each example has its own), then the drawn. */
  readonly items: Uint32Array
  /** [C] log of the probability with which the mixture draws the item: subtract it from the logit, positives included. */
  readonly logQ: Float32Array
  /** [B x C] 1 where a column is no negative of the example: it is the same item as its positive, or known to be liked. */
  readonly masked: Uint8Array
  /** [B] logQ of each example's positive. */
  readonly positiveLogQ: Float32Array
}

export interface DrawOptions {
  /** Near misses of example i. */
  readonly hard?: (i: number) => ArrayLike<number>
  /** Is an item known to be a positive of example i as well? Such a column is masked for it. */
  readonly liked?: (i: number, item: number) => boolean
  /** Probability of an item in one example, in place of that by counts: see `StreamingFrequency`. */
  readonly frequency?: (item: number) => number
}

/**
 * Draws negatives for sampled-softmax and pairwise losses (Yang et al. 2020, mixed negative sampling). With B examples
 * in the batch, U uniform and P popular ones among N items, one column holds item y with probability
 * Q(y) = (B p(y) + U / N + P q(y)) / (B + U + P). Hard negatives are no draw from the mixture; they are given its Q.
 */
export class Negatives {
  private readonly mix: Required<NegativeMix>
  private readonly random: Random
  private readonly items: number
  private readonly popular: Alias
  private readonly counted: Float64Array

  /** `counts`: positives per item row in the training part; rows beyond are never drawn. */
  constructor(counts: ArrayLike<number>, mix: NegativeMix, seed: string | number) {
    this.mix = { inBatch: true, uniform: 0, popular: 0, alpha: 0.75, hard: 0, ...mix }
    if (counts.length === 0) throw new RangeError('Cannot draw negatives from no items')
    this.random = new Random(`${seed}/negatives`)
    this.items = counts.length
    const smoothed = Float64Array.from({ length: counts.length }, (_, i) => counts[i] + 1)
    this.popular = new Alias(smoothed.map((count) => count ** this.mix.alpha))
    const sum = smoothed.reduce((a, b) => a + b, 0)
    this.counted = smoothed.map((count) => count / sum)
  }

  /** log Q of one item, for batches of `batch` examples. */
  logQ(item: number, batch: number, frequency?: (item: number) => number): number {
    const { inBatch, uniform, popular } = this.mix
    const b = inBatch ? batch : 0
    const drawn = b + uniform + popular
    if (drawn === 0) return 0
    const own = frequency?.(item) ?? this.counted[item] ?? 0
    const mixed = b * own + uniform / this.items + popular * (this.popular.probabilities[item] ?? 0)
    return Math.log(Math.max(mixed / drawn, 1e-12))
  }

  draw(positives: ArrayLike<number>, options: DrawOptions = {}): NegativeBatch {
    const { inBatch, uniform, popular, hard } = this.mix
    const batch = positives.length
    const columns: number[] = []
    if (inBatch) for (let i = 0; i < batch; i++) columns.push(positives[i])
    for (let i = 0; i < uniform; i++) columns.push(this.random.int(this.items))
    for (let i = 0; i < popular; i++) columns.push(this.popular.draw(this.random))
    columns.push(...this.hardOnes(batch, hard, options.hard))
    const items = Uint32Array.from(columns)
    const masked = new Uint8Array(batch * items.length)
    for (let i = 0; i < batch; i++) {
      for (let c = 0; c < items.length; c++) {
        if (inBatch && c === i) continue
        if (items[c] === positives[i] || options.liked?.(i, items[c])) masked[i * items.length + c] = 1
      }
    }
    const logQ = Float32Array.from(items, (item) => this.logQ(item, batch, options.frequency))
    const positiveLogQ = Float32Array.from({ length: batch }, (_, i) =>
      this.logQ(positives[i], batch, options.frequency),
    )
    return { items, logQ, masked, positiveLogQ }
  }

  /** `count` near misses of examples drawn by lot; where there are none, even draws keep the shape. */
  private hardOnes(batch: number, count: number, hard: DrawOptions['hard']): number[] {
    const drawn: number[] = []
    for (let i = 0; i < count; i++) {
      const near = batch > 0 ? hard?.(this.random.int(batch)) : undefined
      drawn.push(near && near.length > 0 ? near[this.random.int(near.length)] : this.random.int(this.items))
    }
    return drawn
  }
}
