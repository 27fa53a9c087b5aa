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
  const rows = new Uint32Array(ITEMS_MAX + CREATORS_MAX)
  const fame = new Float64Array(rows.length)
  return {
    name: 'followed',
    retrieve: ({ viewer, at }, limit) => {
      const creators = viewer.row < 0 ? [] : state.users.follows.view(viewer.row).slice(-CREATORS_MAX)
      if (creators.length === 0) return NOTHING
      const { itemsOf, published } = state.items
      const each = Math.ceil(ITEMS_MAX / creators.length)
      let count = 0
      for (const creator of creators) {
        const view = itemsOf.view(creator)
        for (let i = Math.max(0, view.length - each); i < view.length; i++) rows[count++] = view[i]
      }
      let most = 1e-9
      for (let i = 0; i < count; i++) {
        fame[i] = Math.log1p(indexes.lists.standingOf(rows[i]))
        most = Math.max(most, fame[i])
      }
      const top = new TopK(limit)
      for (let i = 0; i < count; i++) {
        const age = Math.max(0, at - published.array[rows[i]]) / DAY
        top.offer(rows[i], 2 ** (-age / HALF_DAYS) + fame[i] / most)
      }
      return top.take()
    },
  }
}
