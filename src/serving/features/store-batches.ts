import type { Clock } from '../../foundation/base/index.ts'
import { Breaker } from '../../foundation/resilience/index.ts'
import type { LatestValues } from './latest.ts'
import type { ValueStore } from './value-store.ts'

/** Batches that may be under way; of more, the latest values answer at once. */
const UNDER_WAY_MAX = 256

/** Values by key, undefined where the store has none. */
export type Values = ReadonlyMap<string, Uint8Array | undefined>

/** Keys that the store was asked for, and what came of it so far. */
export interface Batch {
  /** Resolves when it ended, well or not. */
  readonly ended: Promise<void>
  /** What the store said, once it did. */
  readonly values?: Values
  /** When it said that, in ticks. */
  readonly at: number
  /** Why it did not. */
  readonly error?: unknown
}

export interface StoreBatchesParts {
  readonly store: ValueStore
  readonly latest: LatestValues
  readonly clock: Clock
  /** A batch that takes longer is a failure of the store, in milliseconds. */
  readonly deadlineMs: number
}

/** Batches asked of a store, bounded, behind a breaker. What comes late is kept for the next time. */
export class StoreBatches {
  private readonly parts: StoreBatchesParts
  private readonly breaker: Breaker
  private underWay = 0

  constructor(parts: StoreBatchesParts) {
    this.parts = parts
    this.breaker = new Breaker(parts.clock)
  }

  /**
   * Starts a batch ahead of its need, unless the store was in trouble a moment ago: probes are for those who need all. It
   * may take its time, because work beside it keeps this process from hearing the answer.
   */
  askAhead(keys: readonly string[]): Batch | undefined {
    return this.breaker.state === 'closed' ? this.ask(keys, Number.POSITIVE_INFINITY) : undefined
  }

  /** Starts a batch, unless the store is down or too many are under way. */
  ask(keys: readonly string[], deadlineMs = this.parts.deadlineMs): Batch | undefined {
    if (keys.length === 0 || this.underWay >= UNDER_WAY_MAX) return undefined
    const asked = this.breaker.enter()
    if (!asked) return undefined
    this.underWay++
    const { store, latest, clock } = this.parts
    const began = clock.ticks()
    const { deletions } = latest
    const batch: { -readonly [name in keyof Batch]: Batch[name] } = { ended: Promise.resolve(), at: began }
    batch.ended = store
      .get(keys)
      .then(
        (values) => {
          batch.at = clock.ticks()
          batch.values = new Map(keys.map((key, i) => [key, values[i]]))
          if (latest.deletions === deletions) for (const [key, value] of batch.values) if (value) latest.set(key, value)
          if (batch.at - began <= deadlineMs) asked.succeeded()
          else asked.failed()
        },
        (error: unknown) => {
          batch.error = error // the reading says that the store did not answer
          asked.failed()
        },
      )
      .finally(() => {
        this.underWay--
      })
    return batch
  }
}
