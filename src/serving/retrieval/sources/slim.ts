import type { Source } from '../../pipeline/index.ts'
import { type Ground, NOTHING } from './ground.ts'

/** Items that the sparse linear model expects of the viewer; of one item, where nothing is known of the viewer. */
export function slim({ indexes }: Ground): Source {
  return {
    name: 'slim',
    retrieve: ({ viewer, item, plan }, limit) => {
      if (viewer.personal) return indexes.slim.forViewer(viewer.row, limit, plan.seen === 'keep')
      return item < 0 ? NOTHING : indexes.slim.score(Uint32Array.of(item), limit)
    },
  }
}
