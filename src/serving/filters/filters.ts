import type { Config } from '../../domain/index.ts'
import type { State } from '../../stream/catalog/index.ts'
import type { Histories } from '../../stream/features/index.ts'
import type { Filter } from '../pipeline/index.ts'
import { ageRatingFilter } from './age-rating.ts'
import { contextFilter } from './context.ts'
import { deletedFilter } from './deleted.ts'
import { dismissedFilter } from './dismissed.ts'
import { excludedFilter } from './excluded.ts'
import { expiredFilter } from './expired.ts'
import { hiddenFilter } from './hidden.ts'
import { outOfStockFilter } from './out-of-stock.ts'
import { ownFilter } from './own.ts'
import { policyFlagsFilter } from './policy-flags.ts'
import { regionFilter } from './region.ts'
import { ruleFilter } from './rule.ts'
import { seenFilter } from './seen.ts'
import { shownFilter } from './shown.ts'
import { unlessFree } from './unless-free.ts'
import { unpublishedFilter } from './unpublished.ts'

/**
 * All filters, in the order they run: what may not be shown at all, what this request rules out, what this viewer
 * does not want, and the rule (the costliest) last. A removal is put down to the first filter that removes.
 * Make them once, at start-up, over an empty state: see `policyFlagsFilter`.
 */
export function createFilters(state: State, histories: Histories, policy: Config['policy']): readonly Filter[] {
  const { items } = state
  const unpublished = unpublishedFilter(items)
  const ofCatalogue = [
    deletedFilter(items),
    hiddenFilter(items),
    unpublished,
    expiredFilter(items),
    outOfStockFilter(items),
    policyFlagsFilter(items, policy.blockedFlags),
    ageRatingFilter(items, policy.ageUnknown),
    regionFilter(items, policy.countryUnknown),
  ]
  return [
    unlessFree(items, unpublished, ofCatalogue),
    contextFilter,
    excludedFilter(),
    shownFilter(items),
    ownFilter(items),
    dismissedFilter(histories),
    seenFilter(histories),
    ruleFilter(items),
  ]
}
