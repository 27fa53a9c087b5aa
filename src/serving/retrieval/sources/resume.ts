import type { Source } from '../../pipeline/index.ts'
import { type Ground, NOTHING } from './ground.ts'

/** Shares watched that count as begun and not finished. */
const BEGUN = 0.05
const FINISHED = 0.9

/** What the viewer began to watch and did not finish, the latest first; its score is 1 / place. */
export function resume({ state, histories }: Ground): Source {
  return {
    name: 'resume',
    retrieve: ({ viewer }, limit) => {
      if (!viewer.personal) return NOTHING
      const rows: number[] = []
      for (let back = 0; back < histories.length(viewer.row) && rows.length < limit; back++) {
        const share = histories.completion(viewer.row, back)
        const row = histories.item(viewer.row, back)
        if (share >= BEGUN && share < FINISHED && state.items.has(row)) rows.push(row)
      }
      return { rows, scores: rows.map((_, i) => 1 / (i + 1)) }
    },
  }
}
