import type { State } from '../../stream/catalog/index.ts'
import type { Entry, EventLog } from '../../stream/events/index.ts'

/**
 * The one way into the state: entries go to the journal, wait for the disk, are applied in journal order, and only
 * then acknowledged. Batches share the wait for the disk and never overtake one another.
 */
export class Writer {
  private readonly log: EventLog
  private readonly state: State
  private readonly applied: (entry: Entry) => void
  private readonly ready: () => void
  private last: Promise<void> = Promise.resolve()

  /** Seq of the first entry that is not applied. */
  position = 0

  /** `applied` is called after each entry changed the state; `ready` before entries are written: what it throws refuses them. */
  constructor(log: EventLog, state: State, applied: (entry: Entry) => void, ready: () => void) {
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
    this.ready()
    const first = this.log.appendAll(entries)
    const durable = this.log.flushed(first)
    durable.catch(() => undefined) // told to the caller by `mine`, perhaps later
    const mine = this.last.then(async () => {
      await durable
      for (const entry of entries) {
        this.state.apply(entry)
        this.applied(entry)
      }
      this.position = first + entries.length
    })
    this.last = mine.catch(() => undefined) // a failed batch does not fail the next one
    return mine
  }

  /** Runs something between two batches: the state stands still meanwhile, and batches that come wait. */
  quiet<T>(work: () => T | Promise<T>): Promise<T> {
    const mine = this.last.then(work)
    this.last = mine.then(
      () => undefined,
      () => undefined, // told to the caller
    )
    return mine
  }
}
