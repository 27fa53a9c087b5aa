import { reasonCode } from '../../domain/index.ts'
import type { Items } from '../../stream/catalog/index.ts'
import type { Filter } from '../pipeline/index.ts'

const REASON = reasonCode('age-rating')

/**
 * Removes what is rated for older viewers. A viewer of unknown age counts as `ageUnknown` years old.
 */
export function ageRatingFilter(items: Items, ageUnknown: number): Filter {
  return {
    name: 'age-rating',
    policy: true,
    prepare: ({ viewer }) => {
      const age = viewer.age >= 0 ? viewer.age : ageUnknown
      return (row) => (items.ageRating.array[row] > age ? REASON : 0)
    },
  }
}
