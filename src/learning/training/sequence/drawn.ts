import type { Random } from '../../../foundation/base/index.ts'
import { MASKED } from '../../graph/index.ts'

/**
 * What one step tells the next items from, the same for all its places: near misses of the places first, as they are, then
 * even draws of all other items, which stand for those. So the sum over them estimates the one over the catalogue, exact
 * where it is large: what was ranked high.
 */
export class Drawn {
  /** [hard + negatives] item rows; 0 in a slot for which there was no near miss. */
  readonly items: Int32Array
  /** [hard + negatives] what is added to each logit: 0 for a near miss, log((items - 1 - near) / negatives) for an even draw. */
  readonly raise: Float32Array
  private readonly catalogue: number
  private readonly hard: number

  constructor(catalogue: number, { negatives, hard = 0 }: { readonly negatives: number; readonly hard?: number }) {
    this.catalogue = catalogue
    this.hard = hard
    this.items = new Int32Array(hard + negatives)
    this.raise = new Float32Array(hard + negatives)
  }

  /** `near`: rows of near misses, all different; by lot, when there are too many. No more than half of the catalogue. */
  draw(random: Random, near: readonly number[]): void {
    const { items, raise, catalogue, hard } = this
    const room = Math.min(hard, Math.floor(catalogue / 2))
    const taken = near.length <= room ? near : random.shuffle([...near]).slice(0, room)
    items.fill(0, 0, hard)
    items.set(taken)
    raise.fill(0, 0, taken.length).fill(MASKED, taken.length, hard)
    raise.fill(Math.log((catalogue - 1 - taken.length) / (items.length - hard)), hard)
    const apart = new Set(taken)
    for (let i = hard; i < items.length; i++) {
      do items[i] = random.int(catalogue)
      while (apart.has(items[i]))
    }
  }
}
