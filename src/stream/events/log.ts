import { mkdirSync } from 'node:fs'
import { type Clock, MINUTE, SluiceError, systemClock } from '../../foundation/base/index.ts'
import {
  type FileJournalOptions,
  type Journal,
  type JournalMark,
  openFileJournal,
  type RewriteReport,
} from '../../foundation/store/index.ts'
import type { Event } from '../../domain/index.ts'
import { decodeEntry, encodeView, entryHead, entryUser } from './codec.ts'
import type { Entry } from './entry.ts'
import { beginErasure, endErasure, openErasures } from './erasure-intents.ts'
import { planRetention } from './retention.ts'

/** Events of an erased user that are still on their way are refused for this long. */
export const ERASED_QUIET_MS = 10 * MINUTE
const ERASED_MAX = 10_000
/** `latest` looks at most at this many records per event it was asked for. */
const LATEST_SPAN = 64

export interface EventLogOptions {
  /** Most entries that may wait for the disk. */
  readonly pendingMax: number
  readonly clock?: Clock
  /** Where erasures leave their intents; without it a crash in the middle of an erasure is not completed. */
  readonly folder?: string
}

/**
 * The journal of entries. The order that makes an acknowledgement true:
 *
 *   accept -> appendAll -> await flushed -> state.apply, in journal order -> answer
 *
 * Call `appendAll` and `flushed` in one turn of the event loop. A batch is on disk as a whole or not at all; when
 * `flushed` resolves it survives kill -9. Nothing is applied before it is durable, so what a viewer sees is never
 * lost, and a replay comes to the same state. Promises of `flushed` resolve in the order of the calls.
 */
export class EventLog {
  /** Bytes of a torn tail that were cut off when the log was opened. */
  readonly recoveredBytes: number
  private readonly journal: Journal
  private readonly pendingMax: number
  private readonly clock: Clock
  private readonly folder: string | undefined
  private readonly erased = new Map<string, number>() // user -> until when they are refused

  constructor(journal: Journal, options: EventLogOptions, recoveredBytes = 0) {
    this.journal = journal
    this.pendingMax = options.pendingMax
    this.clock = options.clock ?? systemClock
    this.folder = options.folder
    this.recoveredBytes = recoveredBytes
  }

  /** Seq of the next entry. */
  get next(): number {
    return this.journal.next
  }

  get bytes(): number {
    return this.journal.bytes
  }

  get pending(): number {
    return this.journal.pending
  }

  append(entry: Entry): number {
    return this.appendAll([entry])
  }

  /**
   * Takes entries in memory, all or none, and gives the seq of the first.
   * @throws SluiceError ERR_OVERLOADED when too many wait for the disk; a batch on its own is always taken
   */
  appendAll(entries: readonly Entry[]): number {
    const { pending, next } = this.journal
    if (pending > 0 && pending + entries.length > this.pendingMax) {
      throw new SluiceError('ERR_OVERLOADED', ['the queue for the disk'])
    }
    for (const entry of entries) this.journal.append(encodeView(entry))
    return next
  }

  /** See `Journal.flushed`. With `from` (what `appendAll` gave) only the fate of the entries from there on counts. */
  flushed(from?: number): Promise<void> {
    return this.journal.flushed(from)
  }

  /** Every entry that is on disk, oldest first, from a seq on. */
  *replay(from = 0): Generator<Entry & { readonly seq: number }, void, undefined> {
    for (const { seq, payload } of this.journal.read(from)) {
      yield Object.assign(decodeEntry(payload), { seq })
    }
  }

  /** Reads every record for its checksum alone. @throws SluiceError ERR_DATA_CORRUPT at the first that is damaged */
  *check(): Generator<void, void, undefined> {
    for (const _ of this.journal.read()) yield
  }

  /** The latest events on disk, at most `count`, oldest first. */
  latest(count: number): Event[] {
    const { next } = this.journal
    for (let span = count; count > 0; span *= 4) {
      const events: Event[] = []
      const from = Math.max(0, next - span)
      for (const { payload } of this.journal.read(from)) {
        if (entryHead(payload).type !== 'event') continue
        const entry = decodeEntry(payload)
        if (entry.type === 'event') events.push(entry.event)
      }
      if (events.length >= count || from === 0 || span >= count * LATEST_SPAN) return events.slice(-count)
    }
    return []
  }

  /**
   * Removes every entry of a user for good. An intent is on disk first, so that `openEventLog` completes what a crash, or a
   * disk that refused it, cut short. Forget the user in the state after this, not before: entries on their way are applied meanwhile.
   * `erased` is told every event that went.
   */
  async erase(user: string, erased: (event: Event) => void = () => undefined): Promise<RewriteReport> {
    this.refuse(user)
    const intent = this.folder === undefined ? undefined : beginErasure(this.folder, user, this.journal.next)
    const report = await this.journal.rewrite(({ payload }) => {
      if (entryUser(payload) !== user) return true
      const entry = decodeEntry(payload)
      if (entry.type === 'event') erased(entry.event)
      return false
    })
    if (intent !== undefined && this.folder !== undefined) endErasure(this.folder, intent)
    return report
  }

  /** Is the user being erased, or was a moment ago? Their events are to be rejected. */
  isErased(user: string): boolean {
    if (this.erased.size === 0) return false
    const until = this.erased.get(user)
    if (until === undefined) return false
    if (until > this.clock.now()) return true
    this.erased.delete(user)
    return false
  }

  /**
   * Drops events that were received before a moment (ms), and puts of items and users that later ones made void.
   * The time of receipt counts, not that of the event: history that was imported today stays as long as today's.
   */
  async retain(before: number): Promise<RewriteReport> {
    const { keep, until } = await planRetention(this.journal, before)
    return this.journal.rewrite(keep, until)
  }

  /** See `Journal`. */
  mark(): JournalMark {
    return this.journal.mark()
  }

  resume(mark: JournalMark): boolean {
    return this.journal.resume(mark)
  }

  close(): Promise<void> {
    return this.journal.close()
  }

  private refuse(user: string): void {
    const now = this.clock.now()
    for (const [other, until] of this.erased) {
      if (until <= now || this.erased.size >= ERASED_MAX) this.erased.delete(other)
    }
    this.erased.set(user, now + ERASED_QUIET_MS)
  }
}

/**
 * Opens the log of a folder, made when it is missing, and completes erasures that a crash cut short.
 * @throws SluiceError ERR_DATA_IN_USE, ERR_DATA_VERSION, ERR_DATA_CORRUPT, ERR_DISK_WRITE
 */
export async function openEventLog(
  folder: string,
  options: FileJournalOptions & Omit<EventLogOptions, 'folder'>,
): Promise<EventLog> {
  if (!options.readOnly) mkdirSync(folder, { recursive: true })
  const journal = await openFileJournal(folder, options)
  const log = new EventLog(journal, { ...options, folder }, journal.recovered.bytes)
  if (options.readOnly) return log
  try {
    const intents = openErasures(folder)
    if (intents.length > 0) {
      await journal.rewrite(({ seq, payload }) => {
        const user = entryUser(payload)
        return user === undefined || !intents.some((intent) => seq < intent.before && intent.matches(user))
      })
      for (const intent of intents) endErasure(folder, intent)
    }
    return log
  } catch (error) {
    await journal.close()
    throw error
  }
}
