import type { Items } from '../../stream/catalog/index.ts'
import { checkOf, type Filter } from '../pipeline/index.ts'

/**
 * Filters of the catalogue's own facts as one. Most items are free: nothing about them but the moment of publication can
 * keep them from being shown, and one byte says so. The others go through all filters, in order.
 */
export function unlessFree(items: Items, published: Filter, filters: readonly Filter[]): Filter {
  return {
    name: 'catalogue',
    policy: true,
    prepare: (query) => {
      const whole = checkOf(filters, query)
      const moment = published.prepare(query)
      return (row) => (items.restricted.array[row] === 0 ? moment(row) : whole(row))
    },
  }
}
