import { reasonCode } from '../../domain/index.ts'
import type { Items } from '../../stream/catalog/index.ts'
import type { Filter } from '../pipeline/index.ts'

const REASON = reasonCode('deleted')

/** Removes what is not in the catalogue, or never was. Runs first: the others may take the row for a real one. */
export function deletedFilter(items: Items): Filter {
  return { name: 'deleted', policy: true, prepare: () => (row) => (items.has(row) ? 0 : REASON) }
}
