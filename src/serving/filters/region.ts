import { reasonCode } from '../../domain/index.ts'
import type { Items } from '../../stream/catalog/index.ts'
import type { Filter } from '../pipeline/index.ts'

const REASON = reasonCode('region')

/**
 * Removes what may not be shown in the viewer's country: it names countries and this is not among them, or it bars
 * this one. `countryUnknown` says whether an item with either list may go to a viewer of unknown country.
 */
export function regionFilter(items: Items, countryUnknown: boolean): Filter {
  const { onlyCountries, notCountries } = items
  const limited = (row: number) => onlyCountries.length(row) > 0 || notCountries.length(row) > 0
  return {
    name: 'region',
    policy: true,
    prepare: ({ viewer }) => {
      const { country } = viewer
      if (country < 0) return (row) => (!countryUnknown && limited(row) ? REASON : 0)
      return (row) => {
        if (notCountries.includes(row, country)) return REASON
        return onlyCountries.length(row) > 0 && !onlyCountries.includes(row, country) ? REASON : 0
      }
    },
  }
}
