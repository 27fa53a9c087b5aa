import { reasonCode } from '../../domain/index.ts'
import type { Items } from '../../stream/catalog/index.ts'
import type { Filter } from '../pipeline/index.ts'

const REASON = reasonCode('unpublished')

/** Removes what is published after the moment of the request; a moment that is no number counts as never. */
export function unpublishedFilter(items: Items): Filter {
  return {
    name: 'unpublished',
    policy: true,
    prepare:
      ({ at }) =>
      (row) =>
        items.published.array[row] <= at ? 0 : REASON,
  }
}
