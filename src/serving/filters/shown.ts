import { hash32 } from '../../foundation/base/index.ts'
import { reasonCode } from '../../domain/index.ts'
import type { Items } from '../../stream/catalog/index.ts'
import { type Filter, stays } from '../pipeline/index.ts'

const REASON = reasonCode('shown')

/**
 * Removes what was on an earlier page. Pages remember hashes of ids: an item that shares its hash with a shown one
 * (about one in nine million with 500 shown) is left out of this scroll.
 */
export function shownFilter(items: Items): Filter {
  return {
    name: 'shown',
    policy: false,
    prepare: ({ shown }) => {
      if (shown.size === 0) return stays
      return (row) => (shown.has(hash32(items.ids.name(row))) ? REASON : 0)
    },
  }
}
