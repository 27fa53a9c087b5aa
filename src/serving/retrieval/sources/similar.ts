import type { Source } from '../../pipeline/index.ts'
import { type Ground, NOTHING } from './ground.ts'
import { recentItems } from './recent.ts'

/** Latest items of the viewer that content is compared with. */
const LATEST = 5
/** Items ago at which one of them counts half. */
const HALF = 3
/** Best matches of a search that content is compared with. */
const MATCHES = 3

/** Items of like content: to the item followed, to the best matches of a search, or to the viewer's latest items. */
export function similar({ indexes, histories, searches, alike }: Ground): Source {
  return {
    name: 'similar',
    retrieve: ({ viewer, item, text, at }, limit) => {
      if (item >= 0) return alike.to(item, limit, at)
      if (text !== '') {
        const { rows, scores } = searches.find(text, MATCHES, at)
        return rows.length === 0 ? NOTHING : indexes.content.like(Array.from(rows), Array.from(scores), limit)
      }
      const { rows, weights } = recentItems(histories, viewer.personal ? viewer.row : -1, LATEST, HALF)
      return rows.length === 0 ? NOTHING : indexes.content.like(rows, weights, limit)
    },
  }
}
