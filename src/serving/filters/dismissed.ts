import { reasonCode } from '../../domain/index.ts'
import type { Histories } from '../../stream/features/index.ts'
import { type Filter, stays } from '../pipeline/index.ts'
import { RowSet } from './row-set.ts'

const REASON = reasonCode('dismissed')

/**
 * Removes what the viewer waved away or reported, also on surfaces that keep what was seen, and also of a viewer who did
 * nothing else: what was dismissed is no history, so nobody need have one.
 */
export function dismissedFilter(histories: Histories): Filter {
  const rows = new RowSet()
  return {
    name: 'dismissed',
    policy: false,
    prepare: ({ viewer }) => {
      if (viewer.row < 0) return stays
      const dismissed = rows.membership((add) => histories.dismissed.view(viewer.row).forEach(add))
      return (row) => (dismissed(row) ? REASON : 0)
    },
  }
}
