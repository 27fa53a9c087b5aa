import { DAY, TopK } from '../../../foundation/base/index.ts'
import type { Source } from '../../pipeline/index.ts'
import { type Ground, NOTHING } from './ground.ts'

/** Latest followed creators that are asked, and items looked at over all of them. */
const CREATORS_MAX = 200
const ITEMS_MAX = 6000
/** Days at which an item's recency counts half. */
const HALF_DAYS = 14

/**
 * Items of followed creators, the latest and the best: recency 2^(-age / 14 days) plus popularity relative to the
 * most popular among them, on a logarithmic scale.
 */
export function followed({ state, indexes }: Ground): Source {
  return {
    name: 'followed',
    retrieve: ({ viewer, at }, limit) => {
      const creators = viewer.row < 0 ? [] : state.users.follows.view(viewer.row).slice(-CREATORS_MAX)
      if (creators.length === 0) return NOTHING
      const { itemsOf, published } = state.items
      const each = Math.ceil(ITEMS_MAX / creators.length)
      const rows: number[] = []
      for (const creator of creators) rows.push(...itemsOf.view(creator).slice(-each))
      const fame = rows.map((row) => Math.log1p(indexes.lists.standingOf(row)))
      const most = fame.reduce((high, one) => Math.max(high, one), 1e-9)
      const top = new TopK(limit)
      rows.forEach((row, i) => {
        const age = Math.max(0, at - published.array[row]) / DAY
        top.offer(row, Math.fround(2 ** (-age / HALF_DAYS) + (fame[i] as number) / most))
      })
      return top.take()
    },
  }
}
