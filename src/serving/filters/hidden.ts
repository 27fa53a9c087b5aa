import { reasonCode } from '../../domain/index.ts'
import type { Items } from '../../stream/catalog/index.ts'
import type { Filter } from '../pipeline/index.ts'

const REASON = reasonCode('hidden')

export function hiddenFilter(items: Items): Filter {
  return { name: 'hidden', policy: true, prepare: () => (row) => (items.hidden.array[row] === 1 ? REASON : 0) }
}
