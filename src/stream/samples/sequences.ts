import { Column, type Numbers } from '../../foundation/base/index.ts'
import type { Entry } from '../events/index.ts'
import { type AppliedEvent, type Projection, State } from '../catalog/index.ts'
import type { Kinds } from '../../domain/index.ts'
import { NEAR_MAX } from './options.ts'

/**
 * What each user consumed, in columns: a user's items stand together, in order of time and then of coming. User u has
 * the places from starts[u] to starts[u + 1].
 */
export interface Sequences {
  /** Users; rows 0 to users - 1, some with nothing. */
  readonly users: number
  /** One past the highest item row. */
  readonly items: number
  readonly starts: Uint32Array
  readonly item: Uint32Array
  /** Milliseconds. */
  readonly at: Float64Array
  /** Near misses of each place's slate, best first: those of place p from starts[p] to starts[p + 1]. Where they were asked for. */
  readonly near?: { readonly starts: Uint32Array; readonly item: Uint32Array }
}

export interface SequenceOptions {
  /** An item counts once per user, at its first time. Default true. */
  readonly first?: boolean
}

/**
 * Sequences from plain arrays of rows, in any order; ties of time stay in the given order.
 *
 * @param nears near misses of each consumption
 */
export function sequencesFrom(
  users: ArrayLike<number>,
  items: ArrayLike<number>,
  times: ArrayLike<number>,
  { first = true }: SequenceOptions = {},
  nears?: readonly (readonly number[])[],
): Sequences {
  const n = users.length
  if (items.length !== n || times.length !== n)
    throw new RangeError(`Cannot join ${n} users, ${items.length} items and ${times.length} times`)
  let userCount = 0
  let itemCount = 0
  for (let i = 0; i < n; i++) {
    if (!Number.isFinite(times[i])) throw new RangeError(`Cannot order consumption ${i}: its time is ${times[i]}`)
    userCount = Math.max(userCount, users[i] + 1)
    itemCount = Math.max(itemCount, items[i] + 1)
  }
  const order = Uint32Array.from({ length: n }, (_, i) => i)
  order.sort((a, b) => users[a] - users[b] || times[a] - times[b] || a - b)
  const starts = new Uint32Array(userCount + 1)
  const item = new Uint32Array(n)
  const at = new Float64Array(n)
  const near = nears && { starts: [0], item: [] as number[] }
  const lastUser = new Int32Array(itemCount).fill(-1) // the user who was last seen with the item
  let end = 0
  for (const i of order) {
    if (first && lastUser[items[i]] === users[i]) continue
    lastUser[items[i]] = users[i]
    item[end] = items[i]
    at[end++] = times[i]
    if (near) near.starts[end] = near.item.push(...(nears[i] ?? []))
    starts[users[i] + 1] = end
  }
  for (let user = 1; user <= userCount; user++) starts[user] = Math.max(starts[user], starts[user - 1])
  return {
    ...{ users: userCount, items: itemCount, starts, item: item.slice(0, end), at: at.slice(0, end) },
    ...(near && { near: { starts: Uint32Array.from(near.starts), item: Uint32Array.from(near.item) } }),
  }
}

/**
 * Sequences of a journal: consumptions that do not speak against the item. Rows are those of `state`, which the entries
 * are folded into (default: a state of their own).
 */
export function sequencesOf(
  entries: Iterable<Entry>,
  kinds: Kinds,
  options: SequenceOptions & {
    readonly state?: State
    /** Items that a slate ranked and did not show, best first. */
    readonly near?: (slate: string) => readonly string[]
  } = {},
): { sequences: Sequences; state: State } {
  const state = options.state ?? new State(kinds)
  const { near } = options
  const nearOf =
    near &&
    ((slate: string) => {
      const rows = near(slate).map((name) => state.items.ids.find(name))
      return rows.filter((row) => state.items.has(row)).slice(0, NEAR_MAX)
    })
  const log = state.add(new ConsumptionLog(nearOf))
  for (const entry of entries) {
    log.slate = entry.type === 'event' ? entry.event.slate : undefined
    state.apply(entry)
  }
  const view = <T extends Numbers>(column: Column<T>) => column.array.subarray(0, log.count) as T
  return { sequences: sequencesFrom(view(log.users), view(log.items), view(log.times), options, log.nears), state }
}

/** Keeps every consumption, as rows and times, with the near misses of its slate where somebody knows them. */
class ConsumptionLog implements Projection {
  readonly name = 'sequence-log'
  readonly users = new Column(Uint32Array)
  readonly items = new Column(Uint32Array)
  readonly times = new Column(Float64Array)
  readonly nears: number[][] | undefined
  /** That the entry under way came from. */
  slate: string | undefined
  count = 0
  private readonly nearOf: ((slate: string) => number[]) | undefined

  constructor(nearOf?: (slate: string) => number[]) {
    this.nearOf = nearOf
    this.nears = nearOf && []
  }

  apply(event: AppliedEvent): void {
    if (!event.consumes || event.strength < 0 || event.user < 0 || event.item < 0) return
    for (const column of [this.users, this.items, this.times]) column.ensure(this.count)
    this.users.array[this.count] = event.user
    this.items.array[this.count] = event.item
    this.times.array[this.count] = event.at
    if (this.nearOf) this.nears?.push(this.slate === undefined ? [] : this.nearOf(this.slate))
    this.count++
  }

  forget(): void {}

  /** Read once and dropped: no state that is kept. */
  shelve(): void {}
}

/** Where each user's sequence is cut: [starts, validFrom) trains, [validFrom, testFrom) validates, the rest tests. */
export interface SequenceSplit {
  /** [users] places in the sequences. */
  readonly validFrom: Uint32Array
  readonly testFrom: Uint32Array
  /** Users without anything known before what is asked, left out of the judgement. */
  readonly cold: number
}

/**
 * Leave one out: a user's last item is the test and, with `validation`, the one before it validates; users with fewer
 * items than that leaves one to know only train. Same test items as the protocol `leave-one-out` of `evaluate`.
 */
export function leaveOneOut(
  { users, starts }: Pick<Sequences, 'users' | 'starts'>,
  { validation = true }: { readonly validation?: boolean } = {},
): SequenceSplit {
  const validFrom = new Uint32Array(users)
  const testFrom = new Uint32Array(users)
  let cold = 0
  for (let user = 0; user < users; user++) {
    const end = starts[user + 1]
    const length = end - starts[user]
    testFrom[user] = length >= 2 ? end - 1 : end
    validFrom[user] = validation && length >= 3 ? end - 2 : testFrom[user]
    if (length === 1) cold++
  }
  return { validFrom, testFrom, cold }
}

/**
 * Global time split: what was consumed from the moment on at which `knownShare` of all had happened is the test;
 * `validShare` of the known part before it validates. Same test items as the protocol `time-split` of `evaluate`.
 */
export function splitSequencesByTime(
  { users, starts, at }: Sequences,
  { knownShare = 0.8, validShare = 0 }: { readonly knownShare?: number; readonly validShare?: number } = {},
): SequenceSplit & { readonly at: number; readonly validAt: number } {
  const sorted = at.slice().sort()
  const moment = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
  const testAt = moment(knownShare)
  const validAt = validShare > 0 ? moment(knownShare * (1 - validShare)) : testAt
  const validFrom = new Uint32Array(users)
  const testFrom = new Uint32Array(users)
  let cold = 0
  for (let user = 0; user < users; user++) {
    const end = starts[user + 1]
    let place = starts[user]
    while (place < end && at[place] < validAt) place++
    validFrom[user] = place
    while (place < end && at[place] < testAt) place++
    testFrom[user] = place
    if (place === starts[user] && end > place) cold++
  }
  return { validFrom, testFrom, cold, at: testAt, validAt }
}
