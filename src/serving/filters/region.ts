import { reasonCode } from '../../domain/index.ts'
import type { Items } from '../../stream/catalog/index.ts'
import type { Filter } from '../pipeline/index.ts'

const REASON = reasonCode('region')

/**
 * Removes what may not be shown in the viewer's country: it names countries and this is not among them, or it bars
 * this one. A country that the catalogue never names is known all the same: nothing is made for it, nothing barred from it.
 * `countryUnknown` says whether an item with either list may go to a viewer of unknown country.
 */
export function regionFilter(items: Items, countryUnknown: boolean): Filter {
  const { onlyCountries, notCountries } = items
  const limited = (row: number) => onlyCountries.length(row) > 0 || notCountries.length(row) > 0
  return {
    name: 'region',
    policy: true,
    prepare: ({ viewer }) => {
      const { country, from } = viewer
      if (country < 0 && from === undefined) return (row) => (!countryUnknown && limited(row) ? REASON : 0)
      return (row) => {
        if (notCountries.includes(row, country)) return REASON
        return onlyCountries.length(row) > 0 && !onlyCountries.includes(row, country) ? REASON : 0
      }
    },
  }
}
