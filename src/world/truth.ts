import { type Creators, makeCreators } from './creators.ts'
import { type ItemTruth, makeItems } from './items.ts'
import type { WorldSizes } from './options.ts'
import { makeOrder, type Order } from './order.ts'
import { makeUsers, type UserTruth } from './users.ts'

/** All that is planted. */
export interface Planted {
  readonly sizes: WorldSizes
  readonly creators: Creators
  readonly items: ItemTruth
  readonly users: UserTruth
  readonly order: Order
}

export function plant(sizes: WorldSizes): Planted {
  const creators = makeCreators(sizes)
  return {
    sizes,
    creators,
    items: makeItems(sizes, creators),
    users: makeUsers(sizes, creators),
    order: makeOrder(sizes.seed),
  }
}

/** Ids as the platform knows them: a letter and the row. Rows count in order of publication and of joining. */
export const itemId = (row: number) => `v${String(row).padStart(5, '0')}`
export const userId = (row: number) => `u${String(row).padStart(5, '0')}`
export const creatorId = (row: number) => `c${String(row).padStart(4, '0')}`

/** The row of an item or user id of this world; -1 when it is none. */
export function rowOf(id: string, letter: 'v' | 'u', count: number): number {
  if (id[0] !== letter || !/^\d+$/.test(id.slice(1))) return -1
  const row = Number(id.slice(1))
  return row < count ? row : -1
}
