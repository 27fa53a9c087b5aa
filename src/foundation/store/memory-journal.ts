import type { Journal, JournalRecord, RewriteReport } from './journal.ts'

/** What outlives a memory journal, as a folder outlives a process. */
export interface MemoryDisk {
  records: { seq: number; payload: Buffer }[]
  next: number
}

/** The journal in memory: the reference for the drivers, and the one for tests. */
export function memoryJournal(disk: MemoryDisk = { records: [], next: 0 }): Journal {
  let waiting: { seq: number; payload: Buffer }[] = []
  let next = disk.next
  let closed = false
  const flush = () => {
    for (const record of waiting) disk.records.push(record)
    disk.next = next
    waiting = []
  }
  return {
    get next() {
      return next
    },
    get bytes() {
      return disk.records.reduce((sum, record) => sum + record.payload.length, 0)
    },
    get pending() {
      return waiting.length
    },
    append(payload) {
      if (closed) throw new TypeError('Cannot append: the journal is closed')
      waiting.push({ seq: next, payload: Buffer.from(payload) })
      return next++
    },
    async flushed() {
      flush()
    },
    *read(from = 0): Generator<JournalRecord, void, undefined> {
      for (const { seq, payload } of [...disk.records]) if (seq >= from) yield { seq, payload: Buffer.from(payload) }
    },
    *heads(bytes, from = 0): Generator<JournalRecord, void, undefined> {
      for (const { seq, payload } of this.read(from)) yield { seq, payload: payload.subarray(0, bytes) }
    },
    async rewrite(keep, until = Number.POSITIVE_INFINITY): Promise<RewriteReport> {
      flush()
      const kept = disk.records.filter((record) => record.seq >= until || keep(record))
      const bytes = this.bytes
      const dropped = disk.records.length - kept.length
      disk.records = kept
      return { kept: kept.length, dropped, bytes: bytes - this.bytes }
    },
    mark: () => ({ next: disk.next, segments: [[0, disk.records.length]], tail: 0 }),
    resume: (mark) =>
      mark.next <= disk.next && mark.segments[0]?.[1] === disk.records.filter(({ seq }) => seq < mark.next).length,
    async close() {
      flush()
      closed = true
    },
  }
}
