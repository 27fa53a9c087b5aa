import { Random } from '../../foundation/base/index.ts'
import type { Kinds } from '../../domain/index.ts'
import { factsOf, historyAt, type ItemFacts, type RequestFacts } from '../../learning/models/index.ts'
import type { RetrievalCases } from '../../learning/training/index.ts'
import { State } from '../../stream/catalog/index.ts'
import type { Entry } from '../../stream/events/index.ts'
import { ContentVectors, Histories } from '../../stream/features/index.ts'
import { publishedIn } from './published.ts'
import { ConsumptionSamples, type Dataset, leaveOneOut, sequencesOf } from '../../stream/samples/index.ts'

/** Users whose held items are asked for, drawn by lot when there are more. */
const USERS_MAX = 5000

export interface RetrievalDataOptions {
  /** Entries of a history that are read. */
  readonly history: number
  /** Names of the surfaces, in order, and the one that is asked on. */
  readonly surfaces: readonly string[]
  readonly surface: string
  readonly seed: string
  /** Items that a slate ranked and did not show. */
  readonly near?: (slate: string) => readonly string[]
}

/** A journal as a retrieval model learns it, with the last two items of each user kept back. Rows are those of `state`. */
export interface RetrievalData {
  readonly state: State
  readonly facts: ItemFacts
  /** Rows of the living items. */
  readonly catalogue: Uint32Array
  readonly samples: Dataset
  /** Numbers of the requests to learn from. */
  readonly train: Uint32Array
  readonly cases: { readonly validation: RetrievalCases; readonly test: RetrievalCases }
  /** Per user the items consumed before the test asks, the latest last; without those who opted out. */
  readonly baskets: readonly Uint32Array[]
  /** Names of the surfaces that were met, by code; empty for a code that was not. */
  readonly surfacesMet: readonly string[]
}

/**
 * `replay` reads the same journal on every call: twice, for what is each user's last is known at the end alone. The split is
 * that of the protocol `leave-one-out` of `evaluate`.
 */
export function retrievalData(
  replay: () => Iterable<Entry>,
  kinds: Kinds,
  options: RetrievalDataOptions,
): RetrievalData {
  const held = heldOf(replay(), kinds)
  const state = new State(kinds)
  const histories = new Histories()
  const recorder = new ConsumptionSamples(state, histories, options)
  const vectors = state.add(new ContentVectors(state.items))
  const later: Entry[] = []
  for (const entry of replay()) {
    const part = partOf(entry, held)
    if (part === 'train') recorder.take(entry)
    else if (part === 'validation') later.push(entry)
  }
  const { samples, requests } = recorder.finish()
  const asked = drawUsers(held, options.seed)
  const surface = 1 + options.surfaces.indexOf(options.surface)
  const since = sinceOf(state, samples)
  const ground = {
    state,
    histories,
    since,
    most: options.history,
    surface: recorder.surfaces.has(surface) ? surface : 0,
  }
  const validation = casesOf(asked, 'validation', ground)
  for (const entry of later) state.apply(entry) // what was validated on is known when the test is asked
  const test = casesOf(asked, 'test', ground)
  const rows = Uint32Array.from({ length: state.items.size }, (_, row) => row)
  return {
    state,
    facts: factsOf(state, vectors),
    catalogue: rows.filter((row) => state.items.has(row)),
    samples,
    train: requests,
    cases: { validation, test },
    baskets: basketsOf(state, histories),
    surfacesMet: samples.header.surfaces.map((name, code) => (recorder.surfaces.has(code) ? name : '')),
  }
}

function basketsOf({ users }: State, { consumed }: Histories): Uint32Array[] {
  const rows = Array.from({ length: users.size }, (_, row) => row)
  return rows.filter((row) => users.optedOut.array[row] !== 1).map((row) => consumed.view(row).slice())
}

interface Held {
  readonly item: string
  /** Milliseconds: when it was consumed for the first time. */
  readonly at: number
}
type Part = 'validation' | 'test'
type HeldByUser = ReadonlyMap<string, Partial<Record<Part, Held>>>

function heldOf(entries: Iterable<Entry>, kinds: Kinds): HeldByUser {
  const { sequences, state } = sequencesOf(entries, kinds)
  const { validFrom, testFrom } = leaveOneOut(sequences)
  const held = new Map<string, Partial<Record<Part, Held>>>()
  for (let user = 0; user < sequences.users; user++) {
    const end = sequences.starts[user + 1]
    const at = (place: number): Held => ({ item: state.items.ids.name(sequences.item[place]), at: sequences.at[place] })
    if (testFrom[user] === end) continue
    held.set(state.users.ids.name(user), {
      ...(validFrom[user] < testFrom[user] && { validation: at(validFrom[user]) }),
      test: at(testFrom[user]),
    })
  }
  return held
}

/** Every event of a user about an item that is kept back is kept back with it. */
function partOf(entry: Entry, held: HeldByUser): Part | 'train' {
  if (entry.type !== 'event') return 'train'
  const { user, item } = entry.event
  const own = user === undefined || item === undefined ? undefined : held.get(user)
  if (own?.test?.item === item) return 'test'
  return own?.validation?.item === item ? 'validation' : 'train'
}

function drawUsers(held: HeldByUser, seed: string): HeldByUser {
  if (held.size <= USERS_MAX) return held
  const names = new Random(`${seed}/users`).shuffle([...held.keys()].sort()).slice(0, USERS_MAX)
  return new Map(names.sort().map((name) => [name, held.get(name) ?? {}]))
}

/** By row since when an item was there, milliseconds: it came out, or was consumed; NaN when nobody knows. */
function sinceOf(state: State, samples: Dataset): Float64Array {
  const first = new Float64Array(state.items.size).fill(Number.POSITIVE_INFINITY)
  for (const { at, items } of samples) for (const row of items) first[row] = Math.min(first[row], at)
  const published = publishedIn(state)
  return first.map((met, row) => Math.min(met, published(row, met)))
}

interface CaseGround {
  readonly state: State
  readonly since: Float64Array
  readonly histories: Histories
  readonly most: number
  readonly surface: number
}

/** The requests of one part as the state knows them now. */
function casesOf(
  asked: HeldByUser,
  part: Part,
  { state, histories, since, most, surface }: CaseGround,
): RetrievalCases {
  const wanted: number[] = []
  const requests: RequestFacts[] = []
  const seen: Uint32Array[] = []
  for (const [name, own] of asked) {
    const held = own[part]
    const user = state.users.ids.find(name)
    const item = held === undefined ? -1 : state.items.ids.find(held.item)
    if (held === undefined || user < 0 || item < 0 || state.users.optedOut.array[user] === 1) continue
    wanted.push(item)
    requests.push({ user, at: held.at, surface, history: historyAt(histories, user, held.at, most) })
    seen.push(histories.consumed.view(user).slice())
  }
  return {
    wanted: Uint32Array.from(wanted),
    users: Int32Array.from(requests, ({ user }) => user),
    request: (index) => requests[index] as RequestFacts,
    seen: (index) => seen[index] ?? [],
    there: (index) => (row) => !(since[row] > requests[index].at),
  }
}
