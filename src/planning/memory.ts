import { type Samples, total, totalsBy } from '../foundation/telemetry/index.ts'
import { machines } from './capacity.ts'

/** What an index can hold: it ends at 4 GiB, 60 million vectors of 64 numbers (decision 0011). */
export const INDEX_ITEMS_MOST = 60_000_000
/** Share of a machine's memory that is planned to be used: a new index is built beside the one that serves. */
export const MEMORY_USED = 0.75
/** Of fewer items the room that arrays keep free, and what is there without any, outweigh what an item takes. */
export const ITEMS_LEAST = 10_000

type Grows = 'items' | 'users' | 'bounded'

/**
 * What each part of the state grows with, by its name or the beginning of it. Bounded ones hold so many pairs and no
 * more, or grow with neither; a part that is not named here counts as one of items.
 */
const grows: readonly (readonly [part: string, with_: Grows])[] = [
  ['users', 'users'],
  ['histories', 'users'],
  ['sessions', 'users'],
  ['user.', 'users'],
  ['affinity.', 'bounded'],
  ['fatigue.', 'bounded'],
  ['popularity.', 'bounded'],
  ['category.', 'bounded'],
  ['series', 'bounded'],
  ['lists', 'bounded'],
  ['match', 'bounded'],
  ['event ids', 'bounded'],
]

const growsWith = (part: string): Grows =>
  grows.find(([name]) => part === name || (name.endsWith('.') && part.startsWith(name)))?.[1] ?? 'items'

/** Bytes of one process, and what they are there for. */
export interface Memory {
  readonly items: number
  readonly users: number
  /** Of the parts that grow with items, without vectors. */
  readonly itemBytes: number
  /** Of all vector indexes: what serves, comes and is kept. */
  readonly indexBytes: number
  readonly userBytes: number
  readonly boundedBytes: number
  /** Of the process and in none of these: the program, models, caches. */
  readonly restBytes: number
}

/** From a server's `/metrics`; undefined where it does not tell them, or holds no item. */
export function memoryFromMetrics(now: Samples): Memory | undefined {
  const items = total(now, 'sluice_items')
  const parts = totalsBy(now, 'sluice_state_bytes', 'part')
  if (!(items > 0) || parts.size === 0) return undefined
  const sums = { items: 0, users: 0, bounded: 0 }
  for (const [part, bytes] of parts) sums[growsWith(part)] += bytes
  const indexBytes = total(now, 'sluice_index_bytes')
  const known = sums.items + sums.users + sums.bounded + indexBytes
  return {
    ...{ items, users: total(now, 'sluice_users'), indexBytes },
    ...{ itemBytes: sums.items, userBytes: sums.users, boundedBytes: sums.bounded },
    restBytes: Math.max(0, total(now, 'process_resident_memory_bytes') - known),
  }
}

export interface MemoryPlan {
  readonly measured: Memory
  /** Bytes an item takes, its vectors among them, and of these alone. */
  readonly perItem: number
  readonly perItemIndex: number
  readonly perUser: number
  readonly items: number
  readonly users: number
  /** Of one process that holds all of it, were it possible. */
  readonly bytes: number
  /** Items that one process holds on such a machine with all those users, by memory and by the limit of an index. */
  readonly itemsMost: number
  /** Parts of items and users, each a process of its own; undefined where no number of them would do. */
  readonly parts: number | undefined
  /** Of the process of one part. */
  readonly partBytes: number | undefined
}

/**
 * What planned numbers of items and users take. The state is not sharded: every process holds all of it, so more than
 * one machine holds only what is parted, by catalogue or country, and each part is a platform of its own.
 * Bytes = rest + bounded + items x bytes an item + users x bytes a user; rest and bounded are there in every process.
 * @throws RangeError for numbers outside their range
 */
export function memoryFor(
  measured: Memory,
  options: { readonly items?: number; readonly users?: number; readonly machineBytes: number },
): MemoryPlan {
  const { items = measured.items, users = measured.users, machineBytes } = options
  for (const [name, value] of Object.entries({ items, users, machineBytes }))
    if (!(value >= 0 && Number.isFinite(value))) throw new RangeError(`Cannot plan for ${name} of ${value}`)
  const perItemIndex = measured.indexBytes / measured.items
  const perItem = measured.itemBytes / measured.items + perItemIndex
  const perUser = measured.users > 0 ? measured.userBytes / measured.users : 0
  const fixed = measured.restBytes + measured.boundedBytes
  const room = machineBytes * MEMORY_USED - fixed
  const byMemory = Math.floor(Math.max(0, room - users * perUser) / perItem)
  const least = (items * perItem + users * perUser) / room
  const parts = room > 0 ? Math.max(1, machines(least), machines(items / INDEX_ITEMS_MOST)) : undefined
  const bytesIn = (count: number) => fixed + (items / count) * perItem + (users / count) * perUser
  return {
    ...{ measured, perItem, perItemIndex, perUser, items, users },
    bytes: bytesIn(1),
    itemsMost: Math.min(INDEX_ITEMS_MOST, byMemory),
    parts,
    partBytes: parts && bytesIn(parts),
  }
}
