import type { Event, Item, User } from '../../domain/index.ts'

/**
 * What the journal holds: everything that changes the state, in one order. State is a fold of entries, so replay
 * equals live by construction. There is no entry for an erasure: an erased user's entries are gone from the journal.
 */
export type Entry =
  | { readonly type: 'event'; readonly event: Event }
  | { readonly type: 'item'; readonly item: Item; readonly at: number }
  | { readonly type: 'item-deleted'; readonly id: string; readonly at: number }
  | { readonly type: 'user'; readonly user: User; readonly at: number }
