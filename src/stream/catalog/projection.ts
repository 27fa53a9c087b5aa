import type { Shelved } from '../../foundation/base/index.ts'

/** An event whose ids have been resolved to rows. One object is reused for all events: copy what you keep. */
export interface AppliedEvent {
  /** Code of the kind, see `Kinds`. */
  kind: number
  consumes: boolean
  /** What it says about taste, from -10 to 10. */
  strength: number
  /** Row of the user; -1 when unknown, anonymous or opted out of personalisation. */
  user: number
  /** Row of the item, or -1. */
  item: number
  /** Row of the creator concerned (of the item, or named by a follow), or -1. */
  creator: number
  /** Milliseconds since 1970. Entries come in journal order, so this may go back (late events). */
  at: number
  /** NaN when the event has none. */
  value: number
  /** Share watched, 0 to 1; NaN when unknown. Derived from seconds and duration where the event has none. */
  completion: number
  /** Hash of the session id, 0 when there is none. */
  session: number
  /** From 0; -1 when unknown. */
  position: number
  /** Row of the country in `catalog.countries`, or -1: the event's, else the user's. */
  country: number
  /** Age band of the user, see `ageBand`. */
  band: number
}

/**
 * State kept by folding the journal: features, indexes, lists. The law:
 * - `apply` depends on earlier entries and the entry alone - no clock, no chance - so replay gives equal bytes;
 * - `shelve` names every array that a replay would come to, so that the state can be kept, counted and shared;
 * - `forget` leaves nothing that names or describes the user;
 * - cost per event is bounded.
 */
export interface Projection extends Shelved {
  readonly name: string
  apply(event: AppliedEvent): void
  /** The static facts of an item were set, changed, or (`alive` false) it was deleted. */
  itemChanged?(row: number, alive: boolean): void
  /** Removes all about one user. */
  forget(user: number): void
}

/** Age bands of cold-start lists: 0 unknown, 1 under 18, 2 to 24, 3 to 34, 4 to 49, 5 from 50. */
export function ageBand(age: number): number {
  if (age < 0) return 0
  return age < 18 ? 1 : age < 25 ? 2 : age < 35 ? 3 : age < 50 ? 4 : 5
}
export const AGE_BANDS = 6
