import { type Clock, type Deadline, SluiceError } from '../../foundation/base/index.ts'
import type { Config } from '../../domain/index.ts'
import type { State } from '../../stream/catalog/index.ts'
import {
  type FeatureReader,
  featureGroups,
  type FeatureReading,
  type FeatureStatus,
  type Query,
} from '../pipeline/index.ts'
import { askOf } from './embedded.ts'
import { keyOf } from './key.ts'
import { LatestValues } from './latest.ts'
import type { Keeper, StoredColumns } from './stored-columns.ts'
import { type Batch, StoreBatches, type Values } from './store-batches.ts'
import type { ValueStore } from './value-store.ts'

/** A group is missing when more than this share of its rows has no value, now or from earlier. */
const UNKNOWN_SHARE_MAX = 0.5
const keepers: readonly Keeper[] = ['item', 'user']

export interface StoredReaderParts {
  readonly state: State
  readonly columns: StoredColumns
  readonly store: ValueStore
  readonly config: Config['features']
  readonly clock: Clock
}

/** By keeper: the batch that its keys are part of; none when there is nothing to ask or nobody who answers. */
type Asked = Readonly<Record<Keeper, Batch | undefined>>

/**
 * Reads features from a store: the viewer's beside retrieval, those of all candidates in one batch after it; without a
 * `prepare` both in one. What is late or down is answered with the latest values that were read, and their age; a group
 * without those is missing. A breaker keeps a store that is down from being waited for.
 */
export class StoredReader implements FeatureReader {
  readonly names: readonly string[]
  readonly groups: readonly string[]
  readonly latest: LatestValues
  private readonly parts: StoredReaderParts
  private readonly batches: StoreBatches
  /** Batches of viewers that were begun beside retrieval. A request that is gone takes its own with it. */
  private readonly begun = new WeakMap<Query, Batch>()
  /** By group: who keeps it, and how long it is waited for. */
  private readonly plan: readonly { readonly keeper: Keeper | undefined; readonly deadlineMs: number }[]

  constructor(parts: StoredReaderParts) {
    const { columns, config, clock, store } = parts
    this.parts = parts
    this.names = columns.features.names
    this.groups = featureGroups(this.names).groups
    this.latest = new LatestValues(config.staleValues)
    this.batches = new StoreBatches({ store, latest: this.latest, clock, deadlineMs: config.deadlineMs })
    this.plan = this.groups.map((group) => ({
      keeper: keepers.find((keeper) => columns.groups(keeper).has(group)),
      deadlineMs: config.groupDeadlineMs[group] ?? config.deadlineMs,
    }))
    for (const name of Object.keys(config.groupDeadlineMs))
      if (!this.plan.some(({ keeper }, g) => keeper && this.groups[g] === name))
        throw new SluiceError('ERR_CONFIG_INVALID', [
          `/features/groupDeadlineMs/${name}`,
          'is no group that a store holds',
        ])
  }

  /**
   * Asks for the viewer's values.
   * @throws what the store threw, for the report of the request; `read` goes on with what was kept
   */
  prepare(query: Query): Promise<void> | undefined {
    const batch = this.batches.askAhead(this.userKeys(query))
    if (batch === undefined) return undefined
    this.begun.set(query, batch)
    return batch.ended.then(() => {
      if (batch.values === undefined) throw batch.error
    })
  }

  async read(query: Query, rows: Uint32Array, out: Float32Array, deadline: Deadline): Promise<FeatureReading> {
    const { columns, clock } = this.parts
    const keys = { item: this.itemKeys(rows), user: this.userKeys(query) }
    const began = clock.ticks()
    const left = deadline.remaining()
    const asked = this.ask(query, keys)
    columns.readLocal(askOf(query), rows, out) // while the store works
    await Promise.all(
      keepers.map((keeper) => endOf(asked[keeper], this.waitMs(keeper, left) - (clock.ticks() - began))),
    )
    const kept = {
      item: this.fill('item', keys.item, asked.item?.values, query.at, out),
      user: this.fill('user', keys.user, asked.user?.values, query.at, out, rows.length),
    }
    const status: FeatureStatus[] = []
    const ages: number[] = []
    for (const { keeper, deadlineMs } of this.plan) {
      const own = keeper && kept[keeper]
      const tookMs = keeper && asked[keeper]?.values ? asked[keeper].at - began : Number.POSITIVE_INFINITY
      // A group that came after its own deadline is not waited for, but what came is newer than what was kept.
      const late = own?.asked === true && tookMs > Math.min(deadlineMs, left)
      const value = own === undefined ? 'ok' : own.known ? (late || own.stale ? 'stale' : 'ok') : 'missing'
      status.push(value)
      ages.push(value === 'stale' && own ? own.ageMs : 0)
    }
    return { groups: this.groups, status, ages }
  }

  /** One batch for what was not begun before. */
  private ask(query: Query, keys: Readonly<Record<Keeper, readonly string[]>>): Asked {
    const user = this.begun.get(query)
    if (user) return { item: this.batches.ask(keys.item), user }
    const both = this.batches.ask([...keys.item, ...keys.user])
    return { item: both, user: both }
  }

  /** How long a keeper's values are waited for: as long as the most patient of its groups. */
  private waitMs(keeper: Keeper, left: number): number {
    return Math.min(left, Math.max(0, ...this.plan.map((group) => (group.keeper === keeper ? group.deadlineMs : 0))))
  }

  /** Writes values of a keeper, from the answer or from earlier; what nobody knows is neutral. */
  private fill(
    keeper: Keeper,
    keys: readonly string[],
    answer: Values | undefined,
    at: number,
    out: Float32Array,
    copies = 1,
  ): { asked: boolean; known: boolean; stale: boolean; ageMs: number } {
    const { columns, clock, config } = this.parts
    const width = columns.bytes(keeper)
    const now = clock.now()
    let unknown = 0
    let oldest = now
    const rows = keeper === 'user' ? copies : keys.length
    const found = keys.map((key) => {
      const value = (answer ?? this.latest).get(key)
      return value?.byteLength === width ? value : undefined // other columns: another version wrote it
    })
    if (found.some((value) => value === undefined) || keys.length === 0) columns.fillNeutral(keeper, at, rows, out)
    for (const [i, value] of found.entries()) {
      if (value === undefined) {
        unknown++
        continue
      }
      const moment = columns.write(keeper, value, i, out)
      for (let copy = 1; copy < copies; copy++) columns.write(keeper, value, copy, out)
      oldest = Math.min(oldest, moment)
    }
    const ageMs = Math.max(0, now - oldest)
    const share = keys.length === 0 ? 0 : unknown / keys.length
    return {
      asked: keys.length > 0,
      known: share <= UNKNOWN_SHARE_MAX,
      stale: answer === undefined ? keys.length > 0 : ageMs > config.freshMs,
      ageMs,
    }
  }

  private itemKeys(rows: Uint32Array): string[] {
    const { state, columns } = this.parts
    return Array.from(rows, (row) => keyOf(columns.features.digest, 'item', state.items.ids.name(row)))
  }

  /** The viewer's key; nobody has none. */
  private userKeys({ viewer }: Query): string[] {
    const { state, columns } = this.parts
    return viewer.row < 0 ? [] : [keyOf(columns.features.digest, 'user', state.users.ids.name(viewer.row))]
  }
}

/** Waits until a batch has ended or the time is up. */
async function endOf(batch: Batch | undefined, ms: number): Promise<void> {
  if (batch === undefined || batch.values !== undefined) return
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(() => setImmediate(resolve), Math.max(0, ms))
  })
  try {
    await Promise.race([batch.ended, late])
  } finally {
    clearTimeout(timer)
  }
}
