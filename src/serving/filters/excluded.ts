import { reasonCode } from '../../domain/index.ts'
import { type Filter, stays } from '../pipeline/index.ts'
import { RowSet } from './row-set.ts'

const REASON = reasonCode('excluded')

/** Removes what the request names. */
export function excludedFilter(): Filter {
  const rows = new RowSet()
  return {
    name: 'excluded',
    policy: false,
    prepare: ({ excluded }) => {
      if (excluded.length === 0) return stays
      const named = rows.membership((add) => {
        for (const row of excluded) if (row >= 0) add(row)
      })
      return (row) => (named(row) ? REASON : 0)
    },
  }
}
