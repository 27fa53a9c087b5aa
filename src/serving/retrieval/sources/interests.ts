import { TopK } from '../../../foundation/base/index.ts'
import type { Query, Source } from '../../pipeline/index.ts'
import { type Ground, NOTHING } from './ground.ts'
import { recentItems } from './recent.ts'

const CATEGORIES = 5
const CREATORS = 5
/** Items of one category that are looked at: the best. */
const PER_CATEGORY = 200
/** Items ago at which an item of the history counts half: tastes are slower than moods. */
const HALF = 20
/** Items of one creator that are looked at: the latest. */
const PER_CREATOR = 100
/** What a category chosen at sign-up weighs beside those of the history. */
const CHOSEN_WEIGHT = 1

/** The best of the categories and creators that the viewer consumes most, and of the interests chosen at sign-up. */
export function interests(ground: Ground): Source {
  const { state, indexes } = ground
  const { items } = state
  return {
    name: 'interests',
    retrieve: (query, limit) => {
      const { categories, creators } = tastes(ground, query)
      if (categories.length + creators.length === 0) return NOTHING
      const scores = new Map<number, number>()
      const add = (row: number, share: number, place: number) => {
        if (items.has(row)) scores.set(row, (scores.get(row) ?? 0) + share / Math.sqrt(1 + place))
      }
      for (const [category, share] of categories) {
        const { rows } = indexes.lists.ofCategory(category, query.at)
        for (let i = 0; i < Math.min(PER_CATEGORY, rows.length); i++) add(rows[i], share, i)
      }
      for (const [creator, share] of creators) {
        const best = new TopK(PER_CREATOR)
        for (const row of items.itemsOf.view(creator).slice(-PER_CREATOR))
          best.offer(row, indexes.lists.standingOf(row))
        best.take().rows.forEach((row, i) => {
          add(row, share, i)
        })
      }
      const top = new TopK(limit)
      for (const [row, score] of scores) top.offer(row, Math.fround(score))
      return top.take()
    },
  }
}

/** The viewer's top categories and creators with their shares. */
function tastes({ state, histories, config }: Ground, { viewer }: Query) {
  const byCategory = new Map<number, number>()
  const byCreator = new Map<number, number>()
  const { rows, weights } = recentItems(histories, viewer.personal ? viewer.row : -1, config.historyItems, HALF)
  rows.forEach((row, i) => {
    const weight = weights[i] as number
    const categories = state.items.categoriesOf.view(row)
    for (const category of categories) grow(byCategory, category, weight / categories.length)
    const creator = state.items.creator.array[row]
    if (creator >= 0) grow(byCreator, creator, weight)
  })
  const chosen = viewer.row < 0 ? [] : state.users.interests.view(viewer.row)
  for (const category of chosen) grow(byCategory, category, CHOSEN_WEIGHT / chosen.length)
  return { categories: largest(byCategory, CATEGORIES), creators: largest(byCreator, CREATORS) }
}

function grow(table: Map<number, number>, key: number, by: number): void {
  table.set(key, (table.get(key) ?? 0) + by)
}

/** The largest entries, as shares of the whole table. */
function largest(table: ReadonlyMap<number, number>, most: number): [number, number][] {
  const all = [...table.values()].reduce((sum, one) => sum + one, 0)
  const sorted = [...table].sort((a, b) => b[1] - a[1] || a[0] - b[0])
  return sorted.slice(0, most).map(([key, value]) => [key, value / all])
}
