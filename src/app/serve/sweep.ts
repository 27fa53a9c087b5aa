import { TopK } from '../../foundation/base/index.ts'
import type { State } from '../../stream/catalog/index.ts'
import type { Features } from '../../stream/features/index.ts'
import type { Sweep } from '../../serving/ladder/index.ts'

/** The most popular eligible items of the whole catalogue: one pass, so that no slate is empty while an item is eligible. */
export function createSweep(state: State, features: Features): Sweep {
  return (_query, check, taken, need) => {
    const top = new TopK(Math.max(0, need))
    for (let row = 0; row < state.items.size; row++) {
      if (!taken.has(row) && check(row) === 0) top.offer(row, features.itemPopularity(row))
    }
    return top.take().rows
  }
}
