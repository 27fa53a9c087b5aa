import { MINUTE, SECOND } from '../../foundation/base/index.ts'
import type { EventLog } from '../../stream/events/index.ts'
import { every } from '../every.ts'
import type { Ingest } from '../ingest/ingest.ts'
import type { Snapshots } from './snapshots.ts'

const LOOK_MS = SECOND
/** Entries worth a snapshot: a start replays about so many in a fifth of a second. */
const ENTRIES_LEAST = 20_000
/** Least time between two snapshots, and how many times longer than writing one it is: events wait while one is written. */
const PAUSE_MS = MINUTE
const PAUSE_TIMES = 200

/** What the last snapshot cost. */
export interface SnapshotReport {
  readonly bytes: number
  /** Milliseconds for which the state stood still: events waited, slates did not. */
  readonly stillMs: number
  /** Milliseconds until it counted. */
  readonly totalMs: number
}

/**
 * Keeps the snapshot near the end of the journal while the server runs, and at its end when it stops, so that a start
 * has little to replay. Nothing is written while a user is being erased, and what was written before is gone by then.
 */
export class SnapshotKeeper {
  last: SnapshotReport | undefined
  private readonly snapshots: Snapshots
  private readonly ingest: Ingest
  private readonly log: EventLog
  private readonly failed: (error: unknown) => void
  private looking: (() => Promise<void>) | undefined
  /** Seq up to which the snapshot on disk goes; -1: there is none. */
  private kept: number
  private nextAt = Number.NEGATIVE_INFINITY
  private erasures = 0
  /** Counts what makes a snapshot that is being written one of the past. */
  private era = 0

  /** `kept`: seq up to which the snapshot that was found goes; -1 when there was none. */
  constructor(snapshots: Snapshots, ingest: Ingest, log: EventLog, kept: number, failed: (error: unknown) => void) {
    this.snapshots = snapshots
    this.ingest = ingest
    this.log = log
    this.kept = kept
    this.failed = failed
  }

  start(): void {
    this.looking = every(LOOK_MS, () => this.look(), this.failed)
  }

  /** Writes a last one, when there is something new. Call when nothing comes any more and all is on disk. */
  async stop(): Promise<void> {
    await this.looking?.()
    await this.log.flushed()
    if (this.ingest.position > Math.max(0, this.kept) && this.erasures === 0) await this.write().catch(this.failed)
  }

  /**
   * Removes the snapshot for good before a user is erased; call what it gives when the state has forgotten them. When
   * that never comes, since the erasure failed, no snapshot is written until the next start.
   */
  beginErasure(): () => void {
    this.erasures++
    this.drop()
    return () => {
      this.erasures--
    }
  }

  /** Removes the snapshot, since the journal is no longer the one it was made from; the next one comes soon. */
  drop(): void {
    this.snapshots.remove()
    this.era++
    this.kept = -1
    this.nextAt = Number.NEGATIVE_INFINITY
  }

  /** Writes a snapshot now. */
  async write(): Promise<void> {
    const began = performance.now()
    const { ingest, log, snapshots, era } = this
    let still = began
    const mark = log.mark() // everything before it is applied when the batches on their way have been
    const { draft, position } = await ingest.quiet(async () => {
      still = performance.now()
      const position = Math.max(ingest.position, mark.next)
      return { draft: await snapshots.draft(ingest, mark, position), position }
    })
    const stillMs = performance.now() - still
    if (this.era !== era) return draft.discard()
    await draft.commit()
    if (this.era !== era) return snapshots.remove() // begun while the disk was waited for
    this.kept = position
    this.last = { bytes: draft.bytes, stillMs, totalMs: performance.now() - began }
    this.nextAt = performance.now() + Math.max(PAUSE_MS, PAUSE_TIMES * stillMs)
  }

  private async look(): Promise<void> {
    const behind = this.ingest.position - Math.max(0, this.kept)
    if (this.erasures > 0 || behind < ENTRIES_LEAST || performance.now() < this.nextAt) return
    this.nextAt = performance.now() + PAUSE_MS // also after a failure
    await this.write()
  }
}
