import { reasonCode } from '../../domain/index.ts'
import type { Items } from '../../stream/catalog/index.ts'
import type { Filter } from '../pipeline/index.ts'

const REASON = reasonCode('policy')

/**
 * Removes what carries a blocked flag. Flags beyond the catalogue's 31st share one bit, so when one of those is
 * blocked all of them are: a policy filter that is unsure removes. Make it before items arrive (`createFilters` at
 * start-up does), then the blocked flags have bits of their own.
 */
export function policyFlagsFilter(items: Items, blockedFlags: readonly string[]): Filter {
  const blocked = items.bitsOf(blockedFlags)
  return {
    name: 'policy',
    policy: true,
    prepare: () => (row) => ((items.flagBits.array[row] & blocked) !== 0 ? REASON : 0),
  }
}
