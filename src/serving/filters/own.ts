import { reasonCode } from '../../domain/index.ts'
import type { Items } from '../../stream/catalog/index.ts'
import { type Filter, stays } from '../pipeline/index.ts'

const REASON = reasonCode('own')

/** Removes what the viewer made. */
export function ownFilter(items: Items): Filter {
  return {
    name: 'own',
    policy: false,
    prepare: ({ viewer }) => {
      const { creator } = viewer
      return creator < 0 ? stays : (row) => (items.creator.array[row] === creator ? REASON : 0)
    },
  }
}
