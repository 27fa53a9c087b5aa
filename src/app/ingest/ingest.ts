import { bytesOf, Cell, type Clock, type Shelf, type Shelved, SluiceError } from '../../foundation/base/index.ts'
import { type Event, type Item, parseItem, parseUser, timeOf, type User } from '../../domain/index.ts'
import { Acceptor, type Entry, type EventLog, Fanout } from '../../stream/events/index.ts'
import type { Injector } from '../../serving/ladder/index.ts'
import type { ErasureReport, EventsReport, Unwritten, UpsertReport } from '../engine.ts'
import type { Metrics } from '../../foundation/telemetry/index.ts'
import type { Parts } from '../parts.ts'
import { AttributeNames } from './attribute-names.ts'
import { inPortions, PORTION } from './portions.ts'
import { Puts } from './puts.ts'
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
  private readonly items: Puts<Item>
  private readonly users: Puts<User>
  private readonly erasures = new Map<string, Promise<ErasureReport>>()

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
      knowsItem: (id) => parts.state.items.has(parts.state.items.ids.find(id)) || this.items.isComing(id),
      isErased: (user) => this.erasures.has(user) || log.isErased(user),
    })
    const told = (entry: Entry) => {
      if (entry.type !== 'event') return
      this.taken.value++
      this.fanout.publish(entry.event)
      applied(entry.event)
    }
    this.writer = new Writer(log, parts.state, told, () => requireJournal(parts.ladder.injector), parts.clock)
    const { items, users } = parts.state
    const write = (entries: readonly Entry[]) => this.writer.write(entries)
    const names = new AttributeNames(items.attributes, parts.config.events.attributesMax)
    this.items = new Puts<Item>(
      {
        parse: parseItem,
        fault: (item) => momentFault(item) ?? names.fault(item),
        known: (id) => items.document(items.ids.find(id)),
        entry: (item) => ({ type: 'item', item, at: this.clock.now() }),
      },
      write,
    )
    this.users = new Puts<User>(
      {
        parse: parseUser,
        known: (id) => users.document(users.ids.find(id)),
        untimely: (id) => (this.erasures.has(id) ? errorOf(new SluiceError('ERR_USER_ERASING', [id])) : undefined),
        entry: (user) => ({ type: 'user', user, at: this.clock.now() }),
      },
      write,
    )
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

  /** Says that the disk takes nothing, before anything was tried: see `unwritten`. */
  full(why: string): void {
    this.writer.unwritten = { since: this.clock.now(), why }
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

  /**
   * Erases a user by `work`. Until that is done nothing of them is taken: it would be in the journal and not in the state. Whoever
   * asks meanwhile is told what it comes to.
   */
  erase(user: string, work: () => Promise<ErasureReport>): Promise<ErasureReport> {
    const underWay = this.erasures.get(user)
    if (underWay) return underWay
    const erasure = work().finally(() => this.erasures.delete(user))
    this.erasures.set(user, erasure)
    return erasure
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
    // First copies may still be on their way. Asked now: what comes later is no matter of theirs.
    const firstCopies = intake.duplicate > 0 ? this.log.flushed() : undefined
    firstCopies?.catch(() => undefined) // waited for below
    try {
      await this.writer.write(intake.entries.map((entry) => this.nameless(entry)))
    } catch (error) {
      this.acceptor.settle(intake, false)
      throw error
    }
    this.acceptor.settle(intake, true)
    options.took?.(intake.events)
    if (!options.historical && intake.events.length > 0) this.tellFreshness(intake.events, began)
    await firstCopies
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
    return this.items.take(batch, this.atOnce, unchanged)
  }

  takeUsers(batch: readonly unknown[], unchanged?: (index: number) => void): Promise<UpsertReport> {
    return this.users.take(batch, this.atOnce, unchanged)
  }

  async deleteItem(id: string): Promise<void> {
    await this.items.remove(id, { type: 'item-deleted', id, at: this.clock.now() })
  }
}

interface Taking {
  /** Events of any age since 1990, for imports. */
  readonly historical?: boolean
  readonly took?: (events: readonly Event[]) => void
}

const errorOf = ({ code, message }: SluiceError) => ({ code, message })

/** Why an item of the schema is none all the same. */
function momentFault(item: Item): string | undefined {
  for (const moment of ['published', 'expires'] as const) {
    const value = item[moment]
    if (value !== undefined && Number.isNaN(timeOf(value))) return `/${moment} is no moment: "${value}"`
  }
  return undefined
}

/** @throws SluiceError ERR_DISK_WRITE when the injected faults say that the event log is down */
function requireJournal(injector: Injector): void {
  try {
    injector.suffer('journal')
  } catch (error) {
    throw new SluiceError('ERR_DISK_WRITE', ['the event log', (error as Error).message], { cause: error })
  }
}
