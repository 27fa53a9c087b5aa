import { SluiceError } from '../../foundation/base/index.ts'
import type { Journal, JournalRecord } from '../../foundation/store/index.ts'
import { ID_BYTES, idOf, isSlate } from './payload.ts'
import type { ServedRecord } from './record.ts'

/** Slates that are known by id, the latest ones. */
const KNOWN_MAX = 2_000_000
/** Slates that were passed and may still be asked for, in the order of serving; about 15 kB each. */
const PASSED_MAX = 4096

/**
 * Reads a served log in one pass, for somebody who asks for slates nearly in the order in which they were served: what
 * came of them is logged in that order too. A slate that lies more than PASSED_MAX before the latest one asked for is
 * not gone back for. A damaged place ends the pass: what lies behind it is not found.
 */
export class ServedReader {
  /** Slates asked for, those the log knew, and those of them that were passed too long ago. */
  readonly counts = { asked: 0, found: 0, passed: 0 }
  /** What ended the pass before the end. */
  damage: string | undefined
  private readonly seqs = new Map<string, number>()
  private readonly records: Iterator<JournalRecord>
  private readonly passed = new Map<number, Buffer>()
  private next = 0

  constructor(journal: Pick<Journal, 'heads' | 'read' | 'next'>) {
    for (const { seq, payload } of journal.heads(ID_BYTES, journal.next - KNOWN_MAX))
      if (isSlate(payload)) this.seqs.set(idOf(payload), seq)
    this.records = journal.read()
  }

  /** The record of a slate; undefined when the log has none. */
  find(slate: string): ServedRecord | undefined {
    const { counts, passed } = this
    counts.asked++
    const seq = this.seqs.get(slate)
    if (seq === undefined) return undefined
    while (this.next <= seq && this.damage === undefined) this.readOn()
    const payload = passed.get(seq)
    if (payload === undefined) {
      counts.passed++
      return undefined
    }
    counts.found++
    return JSON.parse(payload.toString('utf8')) as ServedRecord
  }

  private readOn(): void {
    const { passed } = this
    try {
      const step = this.records.next()
      if (step.done) {
        this.next = Number.POSITIVE_INFINITY
        return
      }
      const { seq, payload } = step.value
      this.next = seq + 1
      if (isSlate(payload)) passed.set(seq, Buffer.from(payload))
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error
      this.damage = error.message
    }
    if (passed.size > PASSED_MAX) passed.delete(passed.keys().next().value as number)
  }
}
