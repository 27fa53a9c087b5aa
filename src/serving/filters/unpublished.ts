import { reasonCode } from '../../domain/index.ts'
import type { Items } from '../../stream/catalog/index.ts'
import type { Filter } from '../pipeline/index.ts'

const REASON = reasonCode('unpublished')

/**
 * Removes what says that it is published after the moment of the request; a moment that is no number counts as never.
 * An item that does not say when is there from the start: what happened before it was added may be asked about.
 */
export function unpublishedFilter(items: Items): Filter {
  return {
    name: 'unpublished',
    policy: true,
    prepare:
      ({ at }) =>
      (row) =>
        items.published.array[row] <= at || items.published.array[row] === items.added.array[row] ? 0 : REASON,
  }
}
