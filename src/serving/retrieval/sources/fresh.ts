import { Marks, TopK } from '../../../foundation/base/index.ts'
import type { Source } from '../../pipeline/index.ts'
import { type Ground, NOTHING } from './ground.ts'
import { recentItems } from './recent.ts'

/** Items drawn for one that is proposed; of all that are drawn, those that suit the viewer best are given. */
const DRAWS = 6
/** How much the lot weighs beside the match, which is at most 3: so that a poor match is tried, too, at times. */
const LOT = 1
/** Latest items of the viewer whose categories count as liked. */
const LATEST = 20

/**
 * Fresh items, drawn by the request's lot among the newest, those that match the viewer first: language, a category
 * the viewer consumed or chose, no limit to other countries. Items that were shown less go before others.
 */
export function fresh(ground: Ground): Source {
  const { state, histories, indexes, config } = ground
  const { items, users } = state
  const liked = new Marks() // categories
  const drawn = new Marks() // items
  const suits = (row: number) => {
    const { categoriesOf } = items
    for (let i = categoriesOf.length(row) - 1; i >= 0; i--) if (liked.has(categoriesOf.at(row, i))) return 1
    return 0
  }
  return {
    name: 'fresh',
    retrieve: ({ viewer, at, random }, limit) => {
      const window = indexes.fresh.window(at)
      if (window.length === 0) return NOTHING
      liked.clear()
      drawn.clear()
      if (viewer.row >= 0) for (const category of users.interests.view(viewer.row)) liked.add(category)
      for (const row of recentItems(histories, viewer.personal ? viewer.row : -1, LATEST, LATEST).rows)
        for (const category of items.categoriesOf.view(row)) liked.add(category)
      const lots = random('fresh')
      const top = new TopK(limit)
      const offer = (row: number) => {
        const lot = lots.next()
        if (drawn.has(row) || !indexes.fresh.isFresh(row, at)) return
        drawn.add(row)
        const language = items.language.array[row]
        const speaks = language < 0 || viewer.language < 0 || language === viewer.language ? 1 : 0
        const only = items.onlyCountries.length(row)
        const here = only === 0 || items.onlyCountries.includes(row, viewer.country) ? 1 : 0
        const match = speaks + suits(row) + here - indexes.fresh.shown(row) / config.freshImpressions
        top.offer(row, match + LOT * lot)
      }
      const draws = limit * DRAWS
      if (window.length <= draws) window.forEach(offer)
      else for (let i = 0; i < draws; i++) offer(window[lots.int(window.length)])
      return top.take()
    },
  }
}
