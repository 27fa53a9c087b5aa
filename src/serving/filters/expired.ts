import { reasonCode } from '../../domain/index.ts'
import type { Items } from '../../stream/catalog/index.ts'
import type { Filter } from '../pipeline/index.ts'

const REASON = reasonCode('expired')

/** Removes what has expired: an item is gone at the very moment it names. A moment that is no number has passed. */
export function expiredFilter(items: Items): Filter {
  return {
    name: 'expired',
    policy: true,
    prepare:
      ({ at }) =>
      (row) =>
        items.expires.array[row] > at ? 0 : REASON,
  }
}
