import { reasonCode } from '../../domain/index.ts'
import type { Filter } from '../pipeline/index.ts'

const REASON = reasonCode('context')

/** Removes the item that the slate follows. */
export const contextFilter: Filter = {
  name: 'context',
  policy: false,
  prepare:
    ({ item }) =>
    (row) =>
      row === item ? REASON : 0,
}
