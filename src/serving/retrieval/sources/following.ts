import type { Source } from '../../pipeline/index.ts'
import { type Ground, NOTHING } from './ground.ts'

/** What users went on to after the item that the slate follows; on other surfaces, after the viewer's latest one. */
export function following({ indexes, histories }: Ground): Source {
  return {
    name: 'following',
    retrieve: ({ viewer, item }, limit) => {
      const from = item >= 0 ? item : viewer.personal ? histories.item(viewer.row, 0) : -1
      return from < 0 ? NOTHING : indexes.covisit.followersOf(from, limit)
    },
  }
}
