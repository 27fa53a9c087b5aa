import { type Clock, type Deadline, SluiceError } from '../../foundation/base/index.ts'
import { Breaker } from '../../foundation/resilience/index.ts'
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
import type { ValueStore } from './value-store.ts'

/** Batches that may be under way; of more, the latest values answer at once. */
const UNDER_WAY_MAX = 256
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

/**
 * Reads features from a store in one batch for all candidates and their viewer. What is late or down is answered with the
 * latest values that were read, and their age; a group without those is missing. A breaker keeps a store that is down from
 * being waited for.
 */
export class StoredReader implements FeatureReader {
  readonly names: readonly string[]
  readonly groups: readonly string[]
  readonly latest: LatestValues
  private readonly parts: StoredReaderParts
  private readonly breaker: Breaker
  /** By group: who keeps it, and how long it is waited for. */
  private readonly plan: readonly { readonly keeper: Keeper | undefined; readonly deadlineMs: number }[]
  private underWay = 0

  constructor(parts: StoredReaderParts) {
    const { columns, config, clock } = parts
    this.parts = parts
    this.names = columns.features.names
    this.groups = featureGroups(this.names).groups
    this.latest = new LatestValues(config.staleValues)
    this.breaker = new Breaker(clock)
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

  async read(query: Query, rows: Uint32Array, out: Float32Array, deadline: Deadline): Promise<FeatureReading> {
    const { columns, clock } = this.parts
    const keys = this.keysOf(query, rows)
    const began = clock.ticks()
    const left = deadline.remaining()
    const longest = Math.min(left, Math.max(...this.plan.map(({ keeper, deadlineMs }) => (keeper ? deadlineMs : 0))))
    const asked = this.ask(keys.all)
    columns.readLocal(askOf(query), rows, out) // while the store works
    const answer = asked && (await withinTime(asked, longest - (clock.ticks() - began)))
    const tookMs = answer ? clock.ticks() - began : Number.POSITIVE_INFINITY
    const kept = {
      item: this.fill('item', keys.items, answer?.slice(0, rows.length), query.at, out),
      user: this.fill('user', keys.user, answer?.slice(rows.length), query.at, out, rows.length),
    }
    const status: FeatureStatus[] = []
    const ages: number[] = []
    for (const { keeper, deadlineMs } of this.plan) {
      const own = keeper && kept[keeper]
      // A group that came after its own deadline is not waited for, but what came is newer than what was kept.
      const late = own?.asked === true && tookMs > Math.min(deadlineMs, left)
      const value = own === undefined ? 'ok' : own.known ? (late || own.stale ? 'stale' : 'ok') : 'missing'
      status.push(value)
      ages.push(value === 'stale' && own ? own.ageMs : 0)
    }
    return { groups: this.groups, status, ages }
  }

  /** Starts a batch, unless the store is down or too many are under way. What comes late is kept for the next time. */
  private ask(keys: readonly string[]): Promise<readonly (Uint8Array | undefined)[] | undefined> | undefined {
    if (this.underWay >= UNDER_WAY_MAX || !this.breaker.allows()) return undefined
    this.underWay++
    const { store, clock, config } = this.parts
    const began = clock.ticks()
    return store
      .get(keys)
      .then((values) => {
        for (const [i, value] of values.entries()) if (value) this.latest.set(keys[i] as string, value)
        if (clock.ticks() - began <= config.deadlineMs) this.breaker.succeeded()
        else this.breaker.failed()
        return values
      })
      .catch(() => {
        this.breaker.failed() // the reading says that the store did not answer
        return undefined
      })
      .finally(() => {
        this.underWay--
      })
  }

  /** Writes values of a keeper, from the answer or from earlier; what nobody knows is neutral. */
  private fill(
    keeper: Keeper,
    keys: readonly string[],
    answer: readonly (Uint8Array | undefined)[] | undefined,
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
    const found = keys.map((key, i) => {
      const value = answer === undefined ? this.latest.get(key) : answer[i]
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

  private keysOf({ viewer }: Query, rows: Uint32Array): { items: string[]; user: string[]; all: string[] } {
    const { state, columns } = this.parts
    const { digest } = columns.features
    const items = Array.from(rows, (row) => keyOf(digest, 'item', state.items.ids.name(row)))
    const user = viewer.row < 0 ? [] : [keyOf(digest, 'user', state.users.ids.name(viewer.row))]
    return { items, user, all: [...items, ...user] }
  }
}

/** What was asked, or undefined when it is not there in time. */
async function withinTime<T>(asked: Promise<T | undefined>, ms: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => setImmediate(() => resolve(undefined)), Math.max(0, ms))
  })
  try {
    return await Promise.race([asked, late])
  } finally {
    clearTimeout(timer)
  }
}
