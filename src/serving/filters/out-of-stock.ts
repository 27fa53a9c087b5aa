import { reasonCode } from '../../domain/index.ts'
import type { Items } from '../../stream/catalog/index.ts'
import type { Filter } from '../pipeline/index.ts'

const REASON = reasonCode('out-of-stock')

export function outOfStockFilter(items: Items): Filter {
  return { name: 'out-of-stock', policy: true, prepare: () => (row) => (items.stock.array[row] > 0 ? 0 : REASON) }
}
