import type { Clock } from '../../foundation/base/index.ts'
import type { Config } from '../../domain/index.ts'
import type { AppliedEvent, Projection, State } from '../../stream/catalog/index.ts'
import { keyOf } from './key.ts'
import type { StoredColumns } from './stored-columns.ts'
import type { ValueStore } from './value-store.ts'

/** Rows published in one batch, and batches in one turn: bounds what a turn takes from requests. */
const BATCH = 256
const BATCHES_MAX = 8
/** Changed rows that may wait; of more, the oldest wait for the rolling refresh. */
const WAITING_MAX = 200_000
/** Erased users whose values may wait to be dropped; the store forgets them by itself later. */
const DROPS_MAX = 10_000

export interface PublisherParts {
  readonly state: State
  readonly columns: StoredColumns
  readonly store: ValueStore
  readonly config: Config['features']
  readonly clock: Clock
  /** Is told when the store does not take values; they are tried again. */
  readonly failed: (error: unknown) => void
  /** Is told at once of a key that is to be forgotten. */
  readonly forgotten?: (key: string) => void
}

/**
 * Publishes the values of what changed to a store, behind the writes, and everything anew in a rolling refresh, because
 * windows and decay move on without events. Sees changes as a projection of the state; add it behind the features.
 */
export class Publisher implements Projection {
  readonly name = 'feature-publisher'
  /** Changed rows that were left to the refresh because too many waited. */
  passedOver = 0
  private readonly parts: PublisherParts
  private readonly items = new Set<number>()
  private readonly users = new Set<number>()
  private readonly drops = new Set<string>()
  private readonly sweep = { items: 0, users: 0 }
  private timer: NodeJS.Timeout | undefined
  private working: Promise<void> | undefined
  private stopping = false

  constructor(parts: PublisherParts) {
    this.parts = parts
  }

  apply({ item, user }: AppliedEvent): void {
    if (this.timer === undefined) return // a replay: the refresh covers it
    if (item >= 0) this.wait(this.items, item)
    if (user >= 0) this.wait(this.users, user)
  }

  itemChanged(row: number): void {
    if (this.timer !== undefined) this.wait(this.items, row)
  }

  forget(user: number): void {
    const { state, columns } = this.parts
    this.users.delete(user)
    const key = keyOf(columns.features.digest, 'user', state.users.ids.name(user))
    this.parts.forgotten?.(key)
    if (this.drops.size < DROPS_MAX) this.drops.add(key)
  }

  /** What waits is made anew by the refresh. */
  shelve(): void {}

  /** Publishes everything once, and from then on what changes. */
  start(): void {
    this.stopping = false
    this.working = this.publishAll()
      .catch(this.parts.failed)
      .finally(() => {
        this.working = undefined
      })
    this.timer = setInterval(() => {
      this.working ??= this.turn()
        .catch(this.parts.failed)
        .finally(() => {
          this.working = undefined
        })
    }, this.parts.config.publishMs)
    this.timer.unref()
  }

  async stop(): Promise<void> {
    this.stopping = true
    clearInterval(this.timer)
    this.timer = undefined
    await this.working
    await this.drop().catch(this.parts.failed) // nobody will know any more whose values are to go
  }

  /** Publishes everything once. */
  async publishAll(): Promise<void> {
    const { state } = this.parts
    for (let from = 0; from < state.items.size && !this.stopping; from += BATCH)
      await this.putItems(rowsFrom(from, state.items.size, BATCH))
    for (let from = 0; from < state.users.size && !this.stopping; from += BATCH)
      await this.putUsers(rowsFrom(from, state.users.size, BATCH))
  }

  /** One turn: what was dropped, what changed, and the next part of the refresh. */
  async turn(): Promise<void> {
    const { state, config } = this.parts
    await this.drop()
    for (let batch = 0; batch < BATCHES_MAX && this.items.size > 0; batch++)
      await this.putWaiting(this.items, (rows) => this.putItems(rows))
    for (let batch = 0; batch < BATCHES_MAX && this.users.size > 0; batch++)
      await this.putWaiting(this.users, (rows) => this.putUsers(rows))
    const share = config.publishMs / config.refreshMs
    await this.putItems(this.next('items', state.items.size, share))
    await this.putUsers(this.next('users', state.users.size, share))
  }

  private async drop(): Promise<void> {
    if (this.drops.size === 0) return
    const keys = [...this.drops]
    await this.parts.store.drop(keys)
    for (const key of keys) this.drops.delete(key)
  }

  private wait(rows: Set<number>, row: number): void {
    rows.add(row)
    if (rows.size <= WAITING_MAX) return
    for (const oldest of rows) {
      rows.delete(oldest)
      this.passedOver++
      return
    }
  }

  private async putWaiting(waiting: Set<number>, put: (rows: Uint32Array) => Promise<void>): Promise<void> {
    const rows = Uint32Array.from([...waiting.values()].slice(0, BATCH))
    for (const row of rows) waiting.delete(row)
    try {
      await put(rows)
    } catch (error) {
      for (const row of rows) this.wait(waiting, row)
      throw error
    }
  }

  /** The rows whose turn it is in the rolling refresh. */
  private next(of: 'items' | 'users', size: number, share: number): Uint32Array {
    if (size === 0) return new Uint32Array(0)
    const count = Math.min(size, Math.max(1, Math.ceil(size * share)), BATCH * BATCHES_MAX)
    const from = this.sweep[of] % size
    this.sweep[of] = (from + count) % size
    return rowsFrom(from, size, count)
  }

  private async putItems(rows: Uint32Array): Promise<void> {
    const { state, columns, store, clock } = this.parts
    const living = rows.filter((row) => state.items.has(row))
    if (living.length === 0) return
    const blobs = columns.ofItems(living, clock.now())
    const { digest } = columns.features
    await store.put(blobs.map((blob, i) => [keyOf(digest, 'item', state.items.ids.name(living[i])), blob]))
  }

  private async putUsers(rows: Uint32Array): Promise<void> {
    const { state, columns, store, clock } = this.parts
    const { digest } = columns.features
    const now = clock.now()
    const entries: (readonly [string, Uint8Array])[] = []
    for (const row of rows) {
      const id = state.users.ids.name(row)
      if (id && state.users.optedOut.array[row] === 0)
        entries.push([keyOf(digest, 'user', id), columns.ofUser(row, now)])
    }
    if (entries.length > 0) await store.put(entries)
  }
}

const rowsFrom = (from: number, size: number, count: number): Uint32Array =>
  Uint32Array.from({ length: Math.min(count, size - from) }, (_, i) => from + i)
