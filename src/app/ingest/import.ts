import { SluiceError } from '../../foundation/base/index.ts'
import type { Event } from '../../domain/index.ts'
import { type ImportStep, placed } from '../../connect/index.ts'
import type { ImportReport, Progress } from '../engine.ts'
import type { Parts } from '../parts.ts'
import type { Ingest } from './ingest.ts'

/** Records judged and written at once. */
const BATCH = 5000
/** Messages kept of each code. */
const EXAMPLES = 3

/**
 * Takes what an importer gives, in order, batch by batch; every row is accounted for.
 * @throws SluiceError ERR_DISK_WRITE, with how many rows were taken before
 */
export async function importSteps(
  ingest: Ingest,
  parts: Parts,
  steps: AsyncIterable<ImportStep>,
  onProgress?: (progress: Progress) => void,
): Promise<ImportReport> {
  const began = performance.now()
  const tally = new Tally()
  try {
    await takeAll(ingest, parts, steps, tally, onProgress)
  } catch (error) {
    throw error instanceof SluiceError && error.code === 'ERR_DISK_WRITE' ? cutShort(error, tally) : error
  }
  return tally.report((performance.now() - began) / 1000)
}

/** A disk that takes no more: what was taken stays, and counts as duplicate when all is imported again. */
function cutShort({ values: [what = '', why = ''], cause }: SluiceError, { accepted }: Tally): SluiceError {
  const way = `${accepted} rows were taken before and are kept: free some space and import the same again, they are then duplicates`
  return new SluiceError('ERR_DISK_WRITE', [what, why, way], { cause })
}

async function takeAll(
  ingest: Ingest,
  parts: Parts,
  steps: AsyncIterable<ImportStep>,
  tally: Tally,
  onProgress: ((progress: Progress) => void) | undefined,
): Promise<void> {
  let batch: Taken[] = []
  for await (const step of steps) {
    tally.rows += step.rows
    if (step.put === 'reject') tally.reject(step.code, step.message, step.rows)
    else if (step.put === 'item' && step.bare && isKnown(parts, step.value)) tally.accepted += step.rows
    else {
      if (batch.length > 0 && (batch.length >= BATCH || batch[0]?.put !== step.put)) {
        await take(ingest, batch, tally)
        onProgress?.({ phase: 'import', done: tally.rows, total: 0 })
        batch = []
      }
      batch.push(step)
    }
  }
  await take(ingest, batch, tally)
  onProgress?.({ phase: 'import', done: tally.rows, total: tally.rows })
}

type Taken = Exclude<ImportStep, { put: 'reject' }>

/** One batch of one kind. */
async function take(ingest: Ingest, batch: readonly Taken[], tally: Tally): Promise<void> {
  const put = batch[0]?.put
  if (put === undefined) return
  const values = batch.map((step) => step.value)
  const rows = (index: number) => batch[index]?.rows ?? 0
  let turnedAway = 0
  if (put === 'event') {
    const report = await ingest.takeEvents(values, { historical: true, took: (events) => tally.span(events) })
    for (const { index, code, message } of report.rejected)
      turnedAway += tally.reject(code, said(batch[index], message), rows(index))
    tally.duplicate += report.duplicate // an event stands for one row
    turnedAway += report.duplicate
    tally.events += report.accepted
  } else {
    const kept = (index: number) => {
      tally.duplicate += rows(index)
      turnedAway += rows(index)
    }
    const report = put === 'item' ? await ingest.takeItems(values, kept) : await ingest.takeUsers(values, kept)
    for (const { index, code, message } of report.rejected)
      turnedAway += tally.reject(code, said(batch[index], message), rows(index))
    const name = put === 'item' ? 'items' : 'users'
    tally[name] += report.added
    tally.changed[name] += report.changed
  }
  tally.accepted += batch.reduce((sum, step) => sum + step.rows, 0) - turnedAway
}

/** A reason with what helps to find the row: its place, or whom and what the event is about. */
function said(step: Taken | undefined, message: string): string {
  if (step?.place) return placed(step.place, message)
  if (step?.put !== 'event') return message
  const { user, item } = step.value as { user?: unknown; item?: unknown }
  return `event of user ${JSON.stringify(user)} and item ${JSON.stringify(item)}: ${message}`
}

function isKnown(parts: Parts, value: unknown): boolean {
  const id = typeof value === 'object' && value !== null && 'id' in value ? value.id : undefined
  return typeof id === 'string' && parts.state.items.has(parts.state.items.ids.find(id))
}

class Tally {
  rows = 0
  accepted = 0
  duplicate = 0
  items = 0
  users = 0
  events = 0
  readonly changed = { items: 0, users: 0 }
  private first = Number.POSITIVE_INFINITY
  private last = Number.NEGATIVE_INFINITY
  private readonly rejected: Record<string, number> = {}
  private readonly examples: Record<string, string[]> = {}

  /** Counts rows that were turned away; gives how many. */
  reject(code: string, message: string, rows: number): number {
    this.rejected[code] = (this.rejected[code] ?? 0) + rows
    this.examples[code] ??= []
    const examples = this.examples[code]
    if (examples.length < EXAMPLES) examples.push(message)
    return rows
  }

  span(events: readonly Event[]): void {
    for (const { at } of events) {
      this.first = Math.min(this.first, at)
      this.last = Math.max(this.last, at)
    }
  }

  report(seconds: number): ImportReport {
    const span = this.first <= this.last ? { span: { from: this.first, to: this.last } } : {}
    const { rows, accepted, duplicate, items, users, events, changed, rejected, examples } = this
    return { rows, accepted, duplicate, rejected, examples, items, users, events, changed, ...span, seconds }
  }
}
