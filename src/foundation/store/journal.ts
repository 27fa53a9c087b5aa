export interface JournalRecord {
  /** Place in the journal: counts up by one from 0, never reused, kept by a rewrite. */
  readonly seq: number
  /** Valid until the next step of the iteration; copy it to keep it. */
  readonly payload: Buffer
}

/** A place in a journal, with what tells later whether all before it is as it was. Plain data: keep it anywhere. */
export interface JournalMark {
  /** Seq of the first record after it. */
  readonly next: number
  /** First seq and bytes of every segment before it. */
  readonly segments: readonly (readonly [first: number, bytes: number])[]
  /** Checksum of the last bytes before it. */
  readonly tail: number
}

export interface RewriteReport {
  readonly kept: number
  readonly dropped: number
  /** Bytes on disk that went. */
  readonly bytes: number
}

/**
 * An append-only journal on disk. The law of every driver, held by `journalSuite`:
 * - a record that `flushed()` covered survives kill -9; a torn tail is cut at the first bad checksum when opened;
 * - records are read in the order they were appended, from any seq, without gaps but for rewritten and refused ones;
 * - `rewrite` is atomic per segment: after a crash a segment is whole, old or new;
 * - one process at a time: a second one that opens the folder is refused with ERR_DATA_IN_USE.
 */
export interface Journal {
  /** Seq of the next record. */
  readonly next: number
  /** Bytes on disk. */
  readonly bytes: number
  /** Records appended and not yet on disk. */
  readonly pending: number
  /**
   * Takes a record in memory and gives its seq. It is durable only after a later `flushed()`. Records appended in one
   * turn of the event loop are written together: all of them are kept, or none.
   */
  append(payload: Uint8Array): number
  /**
   * Resolves when everything appended so far is on disk (group commit). Rejects with ERR_DISK_WRITE; then nothing of
   * that group is kept. With `from`, only the fate of the records from that seq on counts.
   */
  flushed(from?: number): Promise<void>
  /** Reads what is on disk, oldest first, from a seq on. @throws SluiceError ERR_DATA_CORRUPT */
  read(from?: number): Generator<JournalRecord, void, undefined>
  /** The first `bytes` of each record on disk, from a seq on: what an index needs, at a fraction of the cost. */
  heads(bytes: number, from?: number): Generator<JournalRecord, void, undefined>
  /**
   * Drops the records that `keep` refuses, for good: their bytes leave the disk. The one primitive of erasure and
   * retention. Looks at records before `until`, and maybe at some after it; `keep` sees each record once, in order.
   */
  rewrite(keep: (record: JournalRecord) => boolean, until?: number): Promise<RewriteReport>
  /** The end of what is on disk now. */
  mark(): JournalMark
  /** Is everything before the mark as it was? Then reads from there on start there, without a search. */
  resume(mark: JournalMark): boolean
  /** Writes what is pending and lets the folder go. */
  close(): Promise<void>
}

/** A journal in a folder, and what opening it had to mend. */
export interface FileJournal extends Journal {
  /** The torn tail that was cut off when it was opened (or, read-only, left out). `bytes` 0: nothing was torn. */
  readonly recovered: { readonly path: string; readonly bytes: number }
}
