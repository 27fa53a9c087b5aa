import { type Clock, SluiceError, Turns } from '../../foundation/base/index.ts'
import type { State } from '../../stream/catalog/index.ts'
import type { Entry, EventLog } from '../../stream/events/index.ts'
import type { Unwritten } from '../engine.ts'
import { inTurns } from './portions.ts'

/** Lets work change the state while nobody reads it; others may read between two of its steps. */
export interface Access {
  /** Jobs are done in the order they come. @throws what a step throws; the job ends there */
  change(steps: Iterable<unknown>): void | Promise<void>
}

/** For a state that this thread alone reads: slates have their turn between two steps. */
export class OwnAccess implements Access {
  private readonly turns = new Turns()

  change(steps: Iterable<unknown>): Promise<void> {
    return this.turns.take(() => inTurns(steps))
  }
}

/**
 * The one way into the state: entries go to the journal, wait for the disk, are applied in journal order, and only
 * then acknowledged. Batches share the wait for the disk and never overtake one another.
 */
export class Writer {
  private readonly log: EventLog
  private readonly state: State
  private readonly applied: (entry: Entry) => void
  private readonly ready: () => void
  private readonly clock: Clock
  private last: Promise<void> = Promise.resolve()
  /** When the batches before are on disk, so that the next one may ask for access. */
  private durable: Promise<void> = Promise.resolve()

  /** Who says when the state may be changed. */
  access: Access = new OwnAccess()
  /** Seq of the first entry that is not applied. */
  position = 0
  /** Why the disk did not take the latest batch, and since when it takes none; undefined while it does. */
  unwritten: Unwritten | undefined

  /** `applied` is called after each entry changed the state; `ready` before entries are written: what it throws refuses them. */
  constructor(log: EventLog, state: State, applied: (entry: Entry) => void, ready: () => void, clock: Clock) {
    this.clock = clock
    this.log = log
    this.state = state
    this.applied = applied
    this.ready = ready
  }

  /**
   * Resolves when the entries are on disk and in the state.
   * @throws SluiceError ERR_OVERLOADED when too many wait (nothing was taken), ERR_DISK_WRITE (nothing was kept)
   */
  async write(entries: readonly Entry[]): Promise<void> {
    if (entries.length === 0) return this.last
    try {
      this.ready()
    } catch (error) {
      this.refused(error)
      throw error
    }
    const first = this.log.appendAll(entries)
    const flushed = this.log.flushed(first)
    const durable = this.durable.then(() => flushed)
    flushed.then(
      () => {
        this.unwritten = undefined
      },
      (error: unknown) => this.refused(error), // told to the caller by `mine`, perhaps later
    )
    this.durable = durable.catch(() => undefined) // a failed batch does not fail the next one
    const mine = durable.then(() => this.access.change(this.applying(entries, first + entries.length)))
    this.last = Promise.all([this.last, mine.catch(() => undefined)]).then(() => undefined)
    return mine
  }

  private refused(error: unknown): void {
    if (!(error instanceof SluiceError) || error.code !== 'ERR_DISK_WRITE') return
    this.unwritten ??= { since: this.clock.now(), why: error.values[1] ?? error.message }
  }

  /** Applies a batch, entry by entry; `end`: the seq behind it. */
  private *applying(entries: readonly Entry[], end: number): Generator<void> {
    for (const entry of entries) {
      this.state.apply(entry)
      this.applied(entry)
      yield
    }
    this.position = end
  }

  /** Runs something between two batches: the state stands still meanwhile, and batches that come wait. */
  quiet<T>(work: () => T | Promise<T>): Promise<T> {
    const mine = Promise.all([this.last, this.durable]).then(work)
    this.last = mine.then(
      () => undefined,
      () => undefined, // told to the caller
    )
    this.durable = this.last
    return mine
  }
}
