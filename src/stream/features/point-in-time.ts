import type { Entry } from '../events/index.ts'
import type { State } from '../catalog/index.ts'

/**
 * Walks entries in journal order and yields each before it is folded: what is read from the state then has seen the
 * past only. This is how a sample gets the features that serving had, without leakage:
 *
 *     for (const entry of pointInTime(entries, state))
 *       if (entry.type === 'event' && entry.event.kind === 'click') features.read({ at: entry.event.at, ... }, rows, out)
 */
export function* pointInTime(entries: Iterable<Entry>, state: State): Generator<Entry, void, undefined> {
  for (const entry of entries) {
    yield entry
    state.apply(entry)
  }
}

/**
 * Folds what had happened by a moment (inclusive), in journal order, into a fresh state: the features as of then.
 * `known`: by when an event happened, or by when it was received - the latter is what serving knew, late events and all.
 * Gives the number of entries folded.
 */
export function replayTo(
  entries: Iterable<Entry>,
  at: number,
  state: State,
  known: 'happened' | 'received' = 'happened',
): number {
  let folded = 0
  for (const entry of entries) {
    const moment = entry.type === 'event' ? (known === 'happened' ? entry.event.at : entry.event.receivedAt) : entry.at
    if (moment > at) continue
    state.apply(entry)
    folded++
  }
  return folded
}
