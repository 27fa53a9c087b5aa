import { DAY, TopK } from '../../../foundation/base/index.ts'
import type { Source } from '../../pipeline/index.ts'
import { type Ground, NOTHING } from './ground.ts'

const DAYS_LEAST = 30
/** Strength, or share watched, that tells love: a like, a share, a purchase; watched nearly to the end. */
const STRENGTH_LEAST = 3
const WATCHED_LEAST = 0.95

/** What the viewer loved at least 30 days ago, the most loved first. */
export function again({ state, histories }: Ground): Source {
  return {
    name: 'again',
    retrieve: ({ viewer, at }, limit) => {
      if (!viewer.personal) return NOTHING
      const top = new TopK(limit)
      for (let back = 0; back < histories.length(viewer.row); back++) {
        const row = histories.item(viewer.row, back)
        const strength = histories.strength(viewer.row, back)
        const watched = histories.completion(viewer.row, back)
        const loved = strength >= STRENGTH_LEAST || watched >= WATCHED_LEAST
        const old = at - histories.at(viewer.row, back) >= DAYS_LEAST * DAY
        if (loved && old && state.items.has(row))
          top.offer(row, Math.fround(strength + (Number.isNaN(watched) ? 0 : watched)))
      }
      return top.take()
    },
  }
}
