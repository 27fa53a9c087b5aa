import type { Kinds } from '../../domain/index.ts'
import type { EventLog } from '../../stream/events/index.ts'
import { sequencesOf, splitSequencesByTime } from '../../stream/samples/index.ts'

/**
 * The moment at which `evaluate` splits when it knows the other share. Milliseconds.
 *
 * @param holdout share of what users consumed for the first time, the latest; of 0, nothing is held out
 */
export function heldOutFrom(log: EventLog, kinds: Kinds, holdout = 0): number | undefined {
  if (holdout === 0) return undefined
  const { sequences } = sequencesOf(log.replay(), kinds)
  return splitSequencesByTime(sequences, { knownShare: 1 - holdout }).at
}

/** The journal without what happened from a moment on, whenever it came. */
export function* knownOf(log: EventLog, heldFrom = Number.POSITIVE_INFINITY) {
  for (const entry of log.replay()) if (entry.type !== 'event' || entry.event.at < heldFrom) yield entry
}

/** What is needed, as an error says it: of which part, when a share is held out. */
export const neededOf = (needs: string, heldFrom: number | undefined): string =>
  heldFrom === undefined
    ? needs
    : `${needs} before ${new Date(heldFrom).toISOString()}, where the held out share begins`

/**
 * Has a retrieval model read nothing that a training holds out? Then it may be held against what is trained on each user's
 * last item: whoever keeps back the last items of what it knows has learnt no last item of the same moment, or of a later one.
 *
 * @param heldFrom moments from which on nothing was read; undefined: everything was
 */
export function knowsNoMore(model: { readonly heldFrom?: number }, heldFrom: number | undefined): boolean {
  return (model.heldFrom ?? Number.POSITIVE_INFINITY) <= (heldFrom ?? Number.POSITIVE_INFINITY)
}
