import type { Kinds } from '../../domain/index.ts'
import type { State } from '../../stream/catalog/index.ts'
import type { Entry } from '../../stream/events/index.ts'
import { leaveOneOut, type Sequences, sequencesOf, splitSequencesByTime } from '../../stream/samples/index.ts'
import type { Protocol } from './report.ts'

/** What is known and what is asked. */
export interface Split {
  /** Is this entry part of what the system may know? */
  knows(entry: Entry): boolean
  /** Per judged user id: item ids of the future, all different, never consumed in the known part. */
  readonly wanted: ReadonlyMap<string, ReadonlySet<string>>
  /** The moment at which slates are asked for. */
  readonly at: number
  /** What has learnt nothing from this moment on knows nothing of what is asked. Milliseconds. */
  readonly askedFrom: number
  readonly notes: readonly string[]
}

/** Splits first consumptions, each user's in order of time and then of the journal, by a protocol. */
export function split(entries: Iterable<Entry>, kinds: Kinds, protocol: Protocol, knownShare: number): Split {
  const { sequences, state } = sequencesOf(entries, kinds)
  return protocol === 'leave-one-out' ? byLeavingOneOut(sequences, state) : byTime(sequences, state, knownShare)
}

function byLeavingOneOut(sequences: Sequences, state: State): Split {
  const { testFrom, cold } = leaveOneOut(sequences, { validation: false })
  const wanted = wantedOf(sequences, state, testFrom)
  return {
    wanted,
    at: sequences.at.reduce((latest, at) => Math.max(latest, at), 0),
    askedFrom: earliest(sequences, testFrom),
    knows: (entry) =>
      entry.type !== 'event' ||
      entry.event.user === undefined ||
      entry.event.item === undefined ||
      !wanted.get(entry.event.user)?.has(entry.event.item),
    notes: [
      'leave-one-out: the last item each user consumed for the first time is asked for; every event of that user about it is hidden',
      'other users’ later events are known (the protocol leaks the future across users; see time-split)',
      `${cold} users with a single item are not judged`,
    ],
  }
}

function byTime(sequences: Sequences, state: State, knownShare: number): Split {
  const { testFrom, cold, at } = splitSequencesByTime(sequences, { knownShare })
  return {
    wanted: wantedOf(sequences, state, testFrom),
    at,
    askedFrom: at,
    knows: (entry) => entry.type !== 'event' || entry.event.at < at,
    notes: [
      `time split: events before ${new Date(at).toISOString()} are known, what users consumed for the first time from then on is asked for`,
      `${cold} users with nothing known before the split are not judged`,
    ],
  }
}

/** When the first of what is asked was consumed; never, when nothing is asked. */
function earliest({ users, starts, at }: Sequences, testFrom: Uint32Array): number {
  let first = Number.POSITIVE_INFINITY
  for (let user = 0; user < users; user++)
    if (testFrom[user] < starts[user + 1]) first = Math.min(first, at[testFrom[user]])
  return first
}

/** What is asked of users of whom something is known. */
function wantedOf({ users, starts, item }: Sequences, state: State, testFrom: Uint32Array): Map<string, Set<string>> {
  const wanted = new Map<string, Set<string>>()
  for (let user = 0; user < users; user++) {
    if (testFrom[user] === starts[user] || testFrom[user] === starts[user + 1]) continue
    const asked = item.subarray(testFrom[user], starts[user + 1])
    wanted.set(state.users.ids.name(user), new Set(Array.from(asked, (row) => state.items.ids.name(row))))
  }
  return wanted
}
