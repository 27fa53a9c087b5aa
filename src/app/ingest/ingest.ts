import { bytesOf, Cell, type Clock, type Shelf, type Shelved, SluiceError } from '../../foundation/base/index.ts'
import { type Event, type Item, parseItem, parseUser, timeOf, type User } from '../../domain/index.ts'
import { Acceptor, brokenText, type Entry, type EventLog, Fanout } from '../../stream/events/index.ts'
import type { Injector } from '../../serving/ladder/index.ts'
import type { EventsReport, Unwritten, UpsertReport } from '../engine.ts'
import type { Metrics } from '../../foundation/telemetry/index.ts'
import type { Parts } from '../parts.ts'
import { inPortions, PORTION } from './portions.ts'
import { type Access, Writer } from './writer.ts'

/** Most portions of one batch that wait for the disk at a time. */
const AT_ONCE = 16

/** Takes events, items and users from outside: checks, writes, applies, answers. */
export class Ingest implements Shelved {
  readonly fanout = new Fanout<Event>()
  private readonly taken = new Cell()
  private readonly parts: Parts
  private readonly clock: Clock
  private readonly metrics: Metrics | undefined
  private readonly log: EventLog
  private readonly acceptor: Acceptor
  private readonly writer: Writer
  /** Portions of one batch in the queue for the disk: with an unknown item to each event they hold twice as much. */
  private readonly atOnce: number
  /** Items put and not yet in the state, with how many puts are on their way. */
  private readonly coming = new Map<string, number>()

  constructor(parts: Parts, log: EventLog, applied: (event: Event) => void, metrics?: Metrics) {
    this.parts = parts
    this.metrics = metrics
    this.clock = parts.clock
    this.log = log
    this.atOnce = Math.max(1, Math.min(AT_ONCE, Math.floor(parts.config.events.pendingMax / (2 * PORTION))))
    this.acceptor = new Acceptor({
      kinds: parts.state.kinds,
      clock: parts.clock,
      limits: parts.config.events,
      knowsItem: (id) => parts.state.items.has(parts.state.items.ids.find(id)) || this.coming.has(id),
      isErased: (user) => log.isErased(user),
    })
    const told = (entry: Entry) => {
      if (entry.type !== 'event') return
      this.taken.value++
      this.fanout.publish(entry.event)
      applied(entry.event)
    }
    this.writer = new Writer(log, parts.state, told, () => requireJournal(parts.ladder.injector), parts.clock)
  }

  /** Events in the state. */
  get events(): number {
    return this.taken.value
  }

  /** Seq of the first entry of the journal that is not in the state. */
  get position(): number {
    return this.writer.position
  }

  /** Why the disk takes nothing, and since when; undefined while it does. */
  get unwritten(): Unwritten | undefined {
    return this.writer.unwritten
  }

  /** Bytes by part of the state, and of the memory of event ids. */
  memory(): Record<string, number> {
    return { ...this.parts.state.memory(), 'event ids': bytesOf(this.acceptor) }
  }

  /** All that a restart needs: the state, the memory of event ids, the count of events. */
  shelve(shelf: Shelf): void {
    shelf.part('state', this.parts.state)
    shelf.part('acceptor', this.acceptor)
    shelf.part('taken', this.taken)
  }

  /** Says that the state holds the entries before a seq: it was restored. */
  restored(position: number): void {
    this.writer.position = position
  }

  /** Removes all about a user from the state, once their entries are out of the journal; `events`: the ids of those. */
  forget(user: string, events: readonly string[]): Promise<void> {
    const { state } = this.parts
    function* forgetting() {
      yield state.forget(user)
    }
    return this.quiet(async () => {
      await this.writer.access.change(forgetting())
      this.acceptor.forget(events)
    })
  }

  /** Runs something between two batches: the state stands still meanwhile, and events that come wait. */
  quiet<T>(work: () => T | Promise<T>): Promise<T> {
    return this.writer.quiet(work)
  }

  /** Says who else reads the state from now on, and so when it may be changed. */
  set access(access: Access) {
    this.writer.access = access
  }

  /** Takes an entry that the journal already holds. */
  replay(entry: Entry & { readonly seq: number }): void {
    this.acceptor.remember(entry)
    this.parts.state.apply(entry)
    if (entry.type === 'event') this.taken.value++
    this.writer.position = entry.seq + 1
  }

  /** Writes entries that were made here (the world) and need no check. */
  write(entries: readonly Entry[]): Promise<void> {
    for (const entry of entries) this.acceptor.remember(entry)
    return this.writer.write(entries)
  }

  /**
   * Judges a batch and resolves when what was accepted is on disk and in the state; `took` is told of that. A batch of
   * more than `PORTION` that fails halfway is kept up to there: ids tell, when it is sent again.
   */
  async takeEvents(batch: readonly unknown[], options: Taking = {}): Promise<EventsReport> {
    const reports = await inPortions(batch, this.atOnce, (portion, from) =>
      this.takeEventPortion(portion, from, options),
    )
    return reports.reduce((sum, one) => ({
      accepted: sum.accepted + one.accepted,
      duplicate: sum.duplicate + one.duplicate,
      rejected: [...sum.rejected, ...one.rejected],
    }))
  }

  private async takeEventPortion(batch: readonly unknown[], from: number, options: Taking): Promise<EventsReport> {
    const began = this.clock.ticks()
    const intake = this.acceptor.accept(batch, options)
    try {
      await this.writer.write(intake.entries.map((entry) => this.nameless(entry)))
      if (intake.duplicate > 0) await this.log.flushed() // the first copy may still be on its way
      this.acceptor.settle(intake, true)
      options.took?.(intake.events)
      if (!options.historical && intake.events.length > 0) this.tellFreshness(intake.events, began)
    } catch (error) {
      this.acceptor.settle(intake, false)
      throw error
    }
    const rejected = intake.rejected.map(({ index, ...why }) => ({ index: from + index, ...why }))
    return { accepted: intake.events.length, duplicate: intake.duplicate, rejected }
  }

  /** How long a batch waited until the next slate counts it, and how old its events were when they came. */
  private tellFreshness(events: readonly Event[], began: number): void {
    this.metrics?.visible((this.clock.ticks() - began) / 1000)
    for (const { at, receivedAt } of events) this.metrics?.eventAge(Math.max(0, receivedAt - at) / 1000)
  }

  /** An event of a user who opted out counts for its item; who it was is not kept. */
  private nameless(entry: Entry): Entry {
    if (entry.type !== 'event' || entry.event.user === undefined) return entry
    const { users } = this.parts.state
    const row = users.ids.find(entry.event.user)
    if (row < 0 || users.optedOut.array[row] === 0) return entry
    const { user: _, session: __, ...event } = entry.event
    return { type: 'event', event }
  }

  /** Items that are in the catalogue just so are accepted and not written again; `unchanged` is told of each. */
  takeItems(batch: readonly unknown[], unchanged?: (index: number) => void): Promise<UpsertReport> {
    return this.takeRecords(batch, parseItem, (item) => this.itemEntry(item), unchanged)
  }

  takeUsers(batch: readonly unknown[], unchanged?: (index: number) => void): Promise<UpsertReport> {
    return this.takeRecords(batch, parseUser, (user) => this.userEntry(user), unchanged)
  }

  async deleteItem(id: string): Promise<void> {
    await this.writer.write([{ type: 'item-deleted', id, at: this.clock.now() }])
  }

  /** The entry of an item; undefined when it is in the catalogue just so; text when it cannot be. */
  private itemEntry(item: Item): Entry | string | undefined {
    for (const moment of ['published', 'expires'] as const) {
      const value = item[moment]
      if (value !== undefined && Number.isNaN(timeOf(value))) return `/${moment} is no moment: "${value}"`
    }
    const known = this.parts.state.items.document(this.parts.state.items.ids.find(item.id))
    return same(known, item) ? undefined : { type: 'item', item, at: this.clock.now() }
  }

  private userEntry(user: User): Entry | string | undefined {
    const known = this.parts.state.users.document(this.parts.state.users.ids.find(user.id))
    return same(known, user) ? undefined : { type: 'user', user, at: this.clock.now() }
  }

  private async takeRecords<T>(
    batch: readonly unknown[],
    parse: Parse<T>,
    entryOf: (record: T) => Entry | string | undefined,
    unchanged?: (index: number) => void,
  ): Promise<UpsertReport> {
    const rejected: UpsertReport['rejected'][number][] = []
    await inPortions(batch, this.atOnce, async (portion, from) => {
      const entries: Entry[] = []
      for (const [i, value] of portion.entries()) {
        const entry = judged(value, parse, entryOf)
        if (typeof entry === 'string') rejected.push({ index: from + i, code: 'ERR_RECORD_INVALID', message: entry })
        else if (entry) entries.push(entry)
        else unchanged?.(from + i)
      }
      await this.whileComing(entries, () => this.writer.write(entries))
    })
    return { accepted: batch.length - rejected.length, rejected }
  }

  /** Events may name items that are put but not yet in the state: they come after them in the journal. */
  private async whileComing(entries: readonly Entry[], work: () => Promise<void>): Promise<void> {
    const ids = entries.flatMap((entry) => (entry.type === 'item' ? [entry.item.id] : []))
    for (const id of ids) this.coming.set(id, (this.coming.get(id) ?? 0) + 1)
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

interface Taking {
  /** Events of any age since 1990, for imports. */
  readonly historical?: boolean
  readonly took?: (events: readonly Event[]) => void
}

type Parse<T> = (value: unknown) => { ok: true; value: T } | { ok: false; where: string; why: string }

/** What a value comes to: see `Ingest.itemEntry`. */
function judged<T>(value: unknown, parse: Parse<T>, entryOf: (record: T) => Entry | string | undefined) {
  const parsed = parse(value)
  if (!parsed.ok) return `${parsed.where} ${parsed.why}`
  const broken = brokenText(parsed.value)
  return broken === undefined ? entryOf(parsed.value) : `${broken} holds half of a surrogate pair: it is no valid text`
}

function same(known: unknown, given: unknown): boolean {
  return known !== undefined && JSON.stringify(known) === JSON.stringify(given)
}

/** @throws SluiceError ERR_DISK_WRITE when the injected faults say that the event log is down */
function requireJournal(injector: Injector): void {
  try {
    injector.suffer('journal')
  } catch (error) {
    throw new SluiceError('ERR_DISK_WRITE', ['the event log', (error as Error).message], { cause: error })
  }
}
