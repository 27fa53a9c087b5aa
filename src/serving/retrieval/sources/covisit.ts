import type { Source } from '../../pipeline/index.ts'
import { type Ground, NOTHING } from './ground.ts'
import { recentItems } from './recent.ts'

/** What users who consumed the viewer's latest items consumed as well; of one item, for an unknown viewer. */
export function covisit({ indexes, histories, config }: Ground): Source {
  return {
    name: 'covisit',
    retrieve: ({ viewer, item }, limit) => {
      const { rows, weights } = recentItems(histories, viewer.personal ? viewer.row : -1, config.historyItems)
      if (rows.length > 0) return indexes.covisit.like(rows, weights, limit)
      return item < 0 ? NOTHING : indexes.covisit.neighboursOf(item, limit)
    },
  }
}
