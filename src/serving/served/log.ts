import { setTimeout as sleep } from 'node:timers/promises'
import type { Journal, RewriteReport } from '../../foundation/store/index.ts'
import { ID_BYTES, idOf, isSlate } from './payload.ts'
import type { EncodedRecord, ServedRecord } from './record.ts'

/** Slates that can be found by id; the oldest fall out of the index, not out of the log. */
const INDEX_MAX = 200_000
/** Records that may wait for the disk. Beyond, new ones are dropped and counted: serving goes before logging. */
const PENDING_MAX = 5_000
const FLUSH_MS = 100

/**
 * What was served, in a journal of its own: written behind (a crash may lose the last tenth of a second), found by
 * slate id, erased by user. Every record starts with its slate id and user so that a scan need not parse the rest.
 */
export class ServedLog {
  /** Records that could not be kept, because the disk was slow or failed. */
  dropped = 0
  private readonly journal: Journal
  private readonly told: (lost: number) => void
  private readonly seqs = new Map<string, number>()
  private readonly recent = new Map<string, Uint8Array>() // appended, perhaps not yet on disk
  private flushing: Promise<void> | undefined
  private readonly closing = new AbortController()
  private readonly known = new Map<string, readonly string[]>()

  /** `told`: hears of records that are lost, how many at once. */
  constructor(journal: Journal, told: (lost: number) => void = () => undefined) {
    this.journal = journal
    this.told = told
    for (const { seq, payload } of journal.heads(ID_BYTES, journal.next - INDEX_MAX)) {
      if (isSlate(payload)) this.remember(idOf(payload), seq)
    }
  }

  get bytes(): number {
    return this.journal.bytes
  }

  /** Names of the features under a digest, as they were when records with it were written. */
  featureNames(digest: string): readonly string[] | undefined {
    if (!this.known.has(digest)) this.readNames()
    return this.known.get(digest)
  }

  /** False when it is lost, because too many wait for the disk. */
  append({ slate, featureDigest, bytes }: EncodedRecord, featureNames: readonly string[]): boolean {
    if (this.journal.pending >= PENDING_MAX) {
      this.lose(1)
      return false
    }
    if (!this.known.has(featureDigest)) {
      this.known.set(featureDigest, featureNames)
      this.journal.append(Buffer.from(JSON.stringify({ features: featureNames, digest: featureDigest })))
    }
    const seq = this.journal.append(bytes)
    this.recent.set(slate, bytes)
    this.remember(slate, seq)
    this.flushing ??= this.flushSoon()
    return true
  }

  /** Counts records that cannot be kept. */
  lose(records: number): void {
    this.dropped += records
    this.told(records)
  }

  find(slate: string): ServedRecord | undefined {
    const fresh = this.recent.get(slate)
    if (fresh) return JSON.parse(Buffer.from(fresh).toString('utf8')) as ServedRecord
    const seq = this.seqs.get(slate)
    if (seq === undefined) return undefined
    const payload = this.at(seq)
    return payload && (JSON.parse(payload.toString('utf8')) as ServedRecord)
  }

  /** All records, oldest first. */
  *records(): Generator<ServedRecord> {
    for (const { payload } of this.journal.read()) if (isSlate(payload)) yield JSON.parse(payload.toString('utf8'))
  }

  /** Removes every slate served to a user. */
  async erase(user: string): Promise<RewriteReport> {
    await this.flush()
    const mark = Buffer.from(`"user":${JSON.stringify(user)}`)
    return this.drop((payload) => head(payload).includes(mark))
  }

  /** Removes slates served before a moment. */
  async retain(since: number): Promise<RewriteReport> {
    await this.flush()
    return this.drop((payload) => (JSON.parse(payload.toString('utf8')) as ServedRecord).at < since)
  }

  async flush(): Promise<void> {
    const covered = [...this.recent.keys()]
    try {
      await this.journal.flushed()
    } catch {
      this.lose(covered.length) // the journal says so in its own error; serving goes on without the log
      for (const slate of covered) this.seqs.delete(slate)
    }
    for (const slate of covered) this.recent.delete(slate)
  }

  async close(): Promise<void> {
    // Not by waiting for the timer: it keeps no process alive, so a program that only closes would end before it.
    this.closing.abort()
    await this.flushing
    await this.flush()
    await this.journal.close()
  }

  private async flushSoon(): Promise<void> {
    await sleep(FLUSH_MS, undefined, { ref: false, signal: this.closing.signal }).catch(() => undefined)
    this.flushing = undefined
    await this.flush()
  }

  /** Removes slates from the log and from the index. */
  private drop(goes: (payload: Buffer) => boolean): Promise<RewriteReport> {
    return this.journal.rewrite(({ payload }) => {
      if (!isSlate(payload) || !goes(payload)) return true
      this.seqs.delete(idOf(payload))
      return false
    })
  }

  /** A record, unless it is gone. The loop is left, so that the file is closed: a generator that is only dropped holds it. */
  private at(wanted: number): Buffer | undefined {
    for (const { seq, payload } of this.journal.read(wanted)) return seq === wanted ? payload : undefined
    return undefined
  }

  /** Reads the names of features that earlier runs wrote: few records, between the slates. */
  private readNames(): void {
    for (const { seq, payload } of this.journal.heads(ID_BYTES)) {
      if (isSlate(payload)) continue
      const names = this.at(seq)
      if (!names) continue
      const { digest, features } = JSON.parse(names.toString('utf8')) as { digest: string; features: string[] }
      this.known.set(digest, features)
    }
  }

  private remember(slate: string, seq: number): void {
    this.seqs.delete(slate)
    this.seqs.set(slate, seq)
    if (this.seqs.size > INDEX_MAX) this.seqs.delete(this.seqs.keys().next().value as string)
  }
}

/** The start of a record: slate id, user and session stand there. Ids are at most 128 characters, escapes included. */
function head(payload: Buffer): Buffer {
  return payload.subarray(0, 2048)
}
