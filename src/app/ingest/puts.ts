import { brokenText, type Entry } from '../../stream/events/index.ts'
import type { UpsertReport } from '../engine.ts'
import { inPortions } from './portions.ts'

type Parse<T> = (value: unknown) => { ok: true; value: T } | { ok: false; where: string; why: string }

/** What is put: items, or users. */
export interface Kind<T> {
  readonly parse: Parse<T>
  /** Why a record that is of the schema cannot be taken all the same. */
  readonly fault?: (record: T) => string | undefined
  /** Is it no time for a record of that id? Such a one is turned away with this. */
  readonly untimely?: (id: string) => { readonly code: string; readonly message: string } | undefined
  /** The record of that id in the state. */
  readonly known: (id: string) => T | undefined
  readonly entry: (record: T) => Entry
}

/**
 * Puts of records of one kind, in the order they came: the last of an id stands. What is there just so is not written
 * again, unless another one of its id is still on its way to the state.
 */
export class Puts<T extends { readonly id: string }> {
  private readonly kind: Kind<T>
  private readonly write: (entries: readonly Entry[]) => Promise<void>
  /** Ids put (or deleted) and not yet so in the state, with how many entries are on their way. */
  private readonly coming = new Map<string, number>()

  constructor(kind: Kind<T>, write: (entries: readonly Entry[]) => Promise<void>) {
    this.kind = kind
    this.write = write
  }

  isComing(id: string): boolean {
    return this.coming.has(id)
  }

  /** `atOnce`: most portions that wait for the disk at a time; `unchanged` is told of each record that was there just so. */
  async take(
    batch: readonly unknown[],
    atOnce: number,
    unchanged: (index: number) => void = () => undefined,
  ): Promise<UpsertReport> {
    const rejected: UpsertReport['rejected'][number][] = []
    const count = { added: 0, changed: 0, unchanged: 0 }
    await inPortions(batch, atOnce, async (portion, from) => {
      const entries: Entry[] = []
      const ids: string[] = []
      for (const [i, value] of portion.entries()) {
        const record = this.judged(value)
        if (typeof record === 'string') {
          rejected.push({ index: from + i, code: 'ERR_RECORD_INVALID', message: record })
          continue
        }
        const untimely = this.kind.untimely?.(record.id)
        if (untimely) {
          rejected.push({ index: from + i, ...untimely })
          continue
        }
        const fate = this.fate(record)
        count[fate]++
        if (fate === 'unchanged') unchanged(from + i)
        else {
          this.begin(record.id)
          ids.push(record.id)
          entries.push(this.kind.entry(record))
        }
      }
      await this.until(ids, () => this.write(entries))
    })
    return { accepted: batch.length - rejected.length, ...count, rejected }
  }

  /** Writes the entry that takes a record away. */
  remove(id: string, entry: Entry): Promise<void> {
    this.begin(id)
    return this.until([id], () => this.write([entry]))
  }

  private fate(record: T): 'added' | 'changed' | 'unchanged' {
    if (this.coming.has(record.id)) return 'changed'
    const known = this.kind.known(record.id)
    if (known === undefined) return 'added'
    return JSON.stringify(known) === JSON.stringify(record) ? 'unchanged' : 'changed'
  }

  /** The record of a value, or why it is none. */
  private judged(value: unknown): T | string {
    const parsed = this.kind.parse(value)
    if (!parsed.ok) return `${parsed.where} ${parsed.why}`
    const broken = brokenText(parsed.value)
    if (broken !== undefined) return `${broken} holds half of a surrogate pair: it is no valid text`
    return this.kind.fault?.(parsed.value) ?? parsed.value
  }

  private begin(id: string): void {
    this.coming.set(id, (this.coming.get(id) ?? 0) + 1)
  }

  private async until(ids: readonly string[], work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } finally {
      for (const id of ids) {
        const left = (this.coming.get(id) ?? 1) - 1
        if (left > 0) this.coming.set(id, left)
        else this.coming.delete(id)
      }
    }
  }
}
