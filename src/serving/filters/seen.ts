import { reasonCode } from '../../domain/index.ts'
import type { Histories } from '../../stream/features/index.ts'
import { type Filter, stays } from '../pipeline/index.ts'
import { RowSet } from './row-set.ts'

const REASON = reasonCode('seen')

/** Removes what the viewer has consumed, unless the surface keeps it. Remembers as far back as the histories do. */
export function seenFilter(histories: Histories): Filter {
  const rows = new RowSet()
  return {
    name: 'seen',
    policy: false,
    prepare: ({ viewer, plan }) => {
      if (plan.seen === 'keep' || viewer.row < 0) return stays
      const user = viewer.row
      const seen = rows.membership((add) => {
        histories.consumed.view(user).forEach(add)
        // An item watched again stays in the history after the oldest have left the consumed list.
        for (let back = histories.length(user) - 1; back >= 0; back--) add(histories.item(user, back))
      })
      return (row) => (seen(row) ? REASON : 0)
    },
  }
}
