import { Column } from '../../foundation/base/index.ts'
import type { Kinds } from '../../domain/index.ts'
import { State, type AppliedEvent, type Projection } from '../../stream/catalog/index.ts'
import type { Entry } from '../../stream/events/index.ts'
import type { Protocol } from './report.ts'

/** What is known and what is asked, by seq of the journal entry. */
export interface Split {
  /** Is this entry part of what the system may know? */
  knows(entry: Entry, seq: number): boolean
  /** Per judged user id: item ids of the future, all different, never consumed in the known part. */
  readonly wanted: ReadonlyMap<string, ReadonlySet<string>>
  /** The moment at which slates are asked for. */
  readonly at: number
  /** Users who were left out because nothing is known of them, or nothing is asked. */
  readonly cold: number
  readonly notes: readonly string[]
}

type Entries = () => Iterable<{ readonly seq: number; readonly entry: Entry }>

/**
 * First consumptions in columns: each user and item once, at the earliest time (ties by journal order).
 * Split by a leave-one-out or a global-time protocol; both sort stably by time, then journal order.
 */
export function split(entries: Entries, kinds: Kinds, protocol: Protocol, knownShare: number): Split {
  const first = collect(entries, kinds)
  return protocol === 'leave-one-out' ? leaveOneOut(first) : timeSplit(first, knownShare)
}

interface FirstConsumptions {
  readonly state: State
  readonly count: number
  readonly users: Uint32Array
  readonly items: Uint32Array
  readonly times: Float64Array
  /** Indices by user, then time, then journal order. */
  readonly byUser: Uint32Array
}

function collect(entries: Entries, kinds: Kinds): FirstConsumptions {
  const state = new State(kinds)
  const log = state.add(new ConsumptionLog())
  for (const { entry } of entries()) state.apply(entry)
  const { users, items, times, count } = log
  const order = Uint32Array.from({ length: count }, (_, i) => i)
  order.sort((a, b) => users.array[a] - users.array[b] || times.array[a] - times.array[b] || a - b)
  const seen = new Set<number>()
  const kept = order.filter((i) => {
    const pair = users.array[i] * 0x1_0000_0000 + items.array[i]
    return !seen.has(pair) && Boolean(seen.add(pair))
  })
  return { state, count, users: users.array, items: items.array, times: times.array, byUser: kept }
}

/** Every consumption, as rows and times. */
class ConsumptionLog implements Projection {
  readonly name = 'consumption-log'
  readonly users = new Column(Uint32Array)
  readonly items = new Column(Uint32Array)
  readonly times = new Column(Float64Array)
  count = 0

  get bytes(): number {
    return this.users.bytes + this.items.bytes + this.times.bytes
  }

  apply(event: AppliedEvent): void {
    if (!event.consumes || event.strength < 0 || event.user < 0 || event.item < 0) return
    for (const column of [this.users, this.items, this.times]) column.ensure(this.count)
    this.users.array[this.count] = event.user
    this.items.array[this.count] = event.item
    this.times.array[this.count] = event.at
    this.count++
  }

  forget(): void {}
}

/** The last first-consumption of each user with at least two is asked for; everything else is known. */
function leaveOneOut({ state, users, items, times, byUser }: FirstConsumptions): Split {
  const wanted = new Map<string, ReadonlySet<string>>()
  const targetOf = new Map<string, { item: string; at: number }>()
  let at = 0
  let cold = 0
  for (let i = 0; i < byUser.length; i++) {
    const here = byUser[i]
    at = Math.max(at, times[here])
    const lastOfUser = i + 1 === byUser.length || users[byUser[i + 1]] !== users[here]
    if (!lastOfUser) continue
    if (i === 0 || users[byUser[i - 1]] !== users[here]) {
      cold++
      continue
    }
    const user = state.users.ids.name(users[here])
    const item = state.items.ids.name(items[here])
    wanted.set(user, new Set([item]))
    targetOf.set(user, { item, at: times[here] })
  }
  return {
    wanted,
    at,
    cold,
    knows: (entry) => {
      if (entry.type !== 'event' || entry.event.user === undefined) return true
      const target = targetOf.get(entry.event.user)
      return target === undefined || entry.event.item !== target.item
    },
    notes: [
      'leave-one-out: the last item each user consumed for the first time is asked for; every event of that user about it is hidden',
      'other users’ later events are known (the protocol leaks the future across users; see time-split)',
      `${cold} users with a single item are not judged`,
    ],
  }
}

/** Everything before the moment at which `knownShare` of the consumptions have happened is known. */
function timeSplit({ state, users, items, times, byUser }: FirstConsumptions, knownShare: number): Split {
  const sorted = Float64Array.from(byUser, (i) => times[i]).sort()
  const at = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * knownShare))] ?? 0
  const wanted = new Map<string, Set<string>>()
  const warm = new Set<number>()
  for (const i of byUser) if (times[i] < at) warm.add(users[i])
  let cold = 0
  const coldSeen = new Set<number>()
  for (const i of byUser) {
    if (times[i] < at) continue
    if (!warm.has(users[i])) {
      if (!coldSeen.has(users[i])) cold++
      coldSeen.add(users[i])
      continue
    }
    const user = state.users.ids.name(users[i])
    wanted.set(user, (wanted.get(user) ?? new Set()).add(state.items.ids.name(items[i])))
  }
  return {
    wanted,
    at,
    cold,
    knows: (entry) => entry.type !== 'event' || entry.event.at < at,
    notes: [
      `time split: events before ${new Date(at).toISOString()} are known, what users consumed for the first time from then on is asked for`,
      `${cold} users with nothing known before the split are not judged`,
    ],
  }
}
