import { SluiceError, Turns } from '../foundation/base/index.ts'
import type { Event, Item, Rule, Slate, SlateRequest, User } from '../domain/index.ts'
import { compileRule } from '../serving/filters/index.ts'
import { type Injection, parseFaults } from '../serving/ladder/index.ts'
import type { ImportStep } from '../connect/index.ts'
import type {
  Engine,
  EngineStatus,
  ErasureReport,
  EventsReport,
  Explanation,
  FaultsReport,
  ImportReport,
  Observations,
  Observed,
  PortfolioReport,
  Progress,
  SimilarItem,
  UpsertReport,
} from './engine.ts'
import { requireRankers, requireSettings } from './check-config.ts'
import { budgetsOf } from './observe/budgets.ts'
import { changeKinds } from './observe/change.ts'
import { importSteps } from './ingest/import.ts'
import { keptVersions } from './learn/live.ts'
import { openRegistry } from './learn/models.ts'
import { type Opened, openFolder } from './open.ts'
import { folderOf } from './folder.ts'
import type { EngineOptions } from './options.ts'
import { explain } from './serve/explain.ts'
import { eraseServed } from './serve/open-served.ts'
import { similarItems } from './serve/similar.ts'
import { VERSION } from './version.ts'

/** Allows faults to be injected without injecting any. */
const FAULTS_ON = 'on'

/** @throws SluiceError ERR_CONFIG_INVALID for settings that no training takes, or a slip in the name of a ranker */
export function createEngine(options: EngineOptions): Engine {
  requireSettings(options.config)
  requireRankers(options.config, openRegistry(options.data).names())
  return new LocalEngine(options)
}

/** The engine of one data folder in this process. */
class LocalEngine implements Engine {
  private readonly options: EngineOptions
  private readonly started = Date.now()
  private phase = 'not opened'
  private isReady = false
  private closed: Promise<void> | undefined
  private inner: Opened | undefined
  private readonly servedTurns = new Turns()

  constructor(options: EngineOptions) {
    this.options = options
    // A series that begins at 1 has not grown, to whoever watches rates: the first change would never be seen.
    for (const kind of Object.keys(changeKinds)) options.metrics?.change(kind, 0)
    for (const [layer, ms] of Object.entries(budgetsOf(options.config))) {
      const [surface = layer, stage = 'slate'] = layer.split('/')
      options.metrics?.budget(surface, stage, ms / 1000)
    }
  }

  async open(onProgress: (progress: Progress) => void = () => undefined): Promise<void> {
    const tell = (progress: Progress) => {
      this.phase = progress.phase
      onProgress(progress)
    }
    const { faults } = this.options
    const injections = faults === undefined || faults === FAULTS_ON ? [] : parseFaults(faults)
    this.inner = await openFolder(this.options, tell)
    if (injections.length > 0) this.injectFaults(injections)
    this.isReady = true
    this.phase = 'serving'
    this.options.metrics?.ready(true)
  }

  standing(): Pick<EngineStatus, 'ready' | 'phase'> {
    return { ready: this.isReady, phase: this.phase }
  }

  status(): EngineStatus {
    const opened = this.inner
    const injected = opened?.parts.ladder.injector.active ?? []
    return {
      ready: this.isReady,
      phase: this.phase,
      ...(injected.length > 0 && { faults: injected.map(({ fault }) => fault) }),
      version: VERSION,
      items: opened?.parts.state.items.count ?? 0,
      users: opened?.parts.state.users.size ?? 0,
      events: opened?.ingest.events ?? 0,
      journalBytes: opened?.log.bytes ?? 0,
      pending: opened?.log.pending ?? 0,
      ...(opened?.ingest.unwritten && { unwritten: opened.ingest.unwritten }),
      ...(opened?.crew && { workers: opened.crew.standing }),
      uptimeSeconds: Math.round((Date.now() - this.started) / 1000),
      memory: opened?.ingest.memory() ?? {},
      ...(opened?.world ? { world: opened.world } : {}),
      ...(opened ? { digest: opened.digest } : {}),
      models: opened?.observer.models() ?? {},
      ...(opened && { kept: keptVersions(opened.parts.models), shadows: opened.shadowed() }),
      ...(opened?.learning && { learning: opened.learning.status }),
      budgets: budgetsOf(this.options.config),
    }
  }

  slate(request: SlateRequest, waitedMs?: number): Promise<Slate> {
    return this.opened.slates.make(request, waitedMs)
  }

  async events(batch: readonly unknown[]): Promise<EventsReport> {
    const report = await this.opened.ingest.takeEvents(batch)
    const { metrics } = this.options
    metrics?.events('accepted', report.accepted)
    metrics?.events('duplicate', report.duplicate)
    metrics?.events('rejected', report.rejected.length)
    return report
  }

  putItems(batch: readonly unknown[]): Promise<UpsertReport> {
    return this.opened.ingest.takeItems(batch)
  }

  putUsers(batch: readonly unknown[]): Promise<UpsertReport> {
    return this.opened.ingest.takeUsers(batch)
  }

  import(steps: AsyncIterable<ImportStep>, onProgress?: (progress: Progress) => void): Promise<ImportReport> {
    return importSteps(this.opened.ingest, this.opened.parts, steps, onProgress)
  }

  item(id: string): Item {
    const { items } = this.opened.parts.state
    const found = items.document(items.ids.find(id))
    if (!found) throw new SluiceError('ERR_ITEM_NOT_FOUND', [id])
    return found
  }

  user(id: string): ReturnType<Engine['user']> {
    const { state, histories } = this.opened.parts
    const row = state.users.ids.find(id)
    if (row < 0) throw new SluiceError('ERR_USER_NOT_FOUND', [id])
    const historyLength = histories.length(row)
    const history = Array.from({ length: historyLength }, (_, back) => ({
      item: state.items.ids.name(histories.item(row, back)),
      at: histories.at(row, back),
      kind: state.kinds.names[histories.kind(row, back)] ?? 'unknown',
    }))
    return { ...(state.users.document(row) ?? { id }), historyLength, history }
  }

  async deleteItem(id: string): Promise<void> {
    this.item(id)
    await this.opened.ingest.deleteItem(id)
  }

  async eraseUser(id: string): Promise<ErasureReport> {
    const { ingest, refused } = this.opened
    if (refused !== undefined) throw refused
    return ingest.erase(id, () => this.erase(id))
  }

  private async erase(id: string): Promise<ErasureReport> {
    const { log, parts, slates, ingest, snapshots } = this.opened
    const row = parts.state.users.ids.find(id)
    if (row < 0) return this.eraseViewer(id)
    const profile = parts.state.users.document(row) !== undefined
    const forgotten = snapshots.beginErasure()
    const events: string[] = []
    const journal = await log.erase(id, (event) => events.push(event.id))
    const recent = await slates.forget(id)
    const served = await this.eraseServed(id)
    await ingest.forget(id, events)
    forgotten()
    return { user: id, erased: { profile, journal: journal.dropped, served, slates: recent } }
  }

  /** Of somebody who sent no event and has no profile, slates alone are kept. */
  private async eraseViewer(id: string): Promise<ErasureReport> {
    const recent = await this.opened.slates.forget(id)
    const served = await this.eraseServed(id)
    if (recent + served === 0) throw new SluiceError('ERR_USER_NOT_FOUND', [id])
    return { user: id, erased: { profile: false, journal: 0, served, slates: recent } }
  }

  private eraseServed(id: string): Promise<number> {
    const { opened, options } = this
    return this.servedTurns.take(() => eraseServed(id, opened.served, folderOf(options.data).served, options))
  }

  similar(item: string, limit: number, rule?: Rule): SimilarItem[] {
    const { parts } = this.opened
    return similarItems(parts, item, limit, rule ? compileRule(rule, parts.state.items) : undefined)
  }

  explain(slate: string): Explanation {
    const { served, parts } = this.opened
    if (!served) throw new SluiceError('ERR_SLATE_NOT_FOUND', [slate])
    return explain(served, parts.state, slate)
  }

  faults(): FaultsReport {
    return { allowed: this.faultsAllowed, active: this.opened.parts.ladder.injector.active }
  }

  injectFaults(injections: readonly Injection[]): FaultsReport {
    if (!this.faultsAllowed) throw new SluiceError('ERR_FAULTS_OFF')
    this.options.log?.warn({ faults: injections }, 'faults are injected on purpose')
    this.opened.parts.ladder.injector.set(injections)
    this.opened.crew?.inject(injections)
    return this.faults()
  }

  private get faultsAllowed(): boolean {
    const { config, faults } = this.options
    return config.ladder.faults || faults !== undefined
  }

  portfolio(): PortfolioReport {
    return this.opened.parts.portfolio.report()
  }

  observations(asked?: Observed): Observations {
    const { observer, slates } = this.opened
    return { ...observer.report(asked), troubles: slates.troubles.report() }
  }

  async *tail(last: number, signal: AbortSignal): AsyncIterable<Event> {
    const { log, ingest } = this.opened
    const fresh = ingest.fanout.subscribe(signal)
    const past = log.latest(last)
    yield* past
    // What is on disk and not in the state yet is among the past ones, and told once more when it is.
    const told = new Set(past.map(({ id }) => id))
    for await (const event of fresh) if (!told.delete(event.id)) yield event
  }

  *allItems(): Iterable<Item> {
    const { items } = this.opened.parts.state
    for (let row = 0; row < items.size; row++) {
      const item = items.document(row)
      if (item) yield item
    }
  }

  *allUsers(): Iterable<User> {
    const { users } = this.opened.parts.state
    for (let row = 0; row < users.size; row++) {
      const user = users.document(row)
      if (user) yield user
    }
  }

  *allEvents(): Iterable<Event> {
    for (const entry of this.opened.log.replay()) if (entry.type === 'event') yield entry.event
  }

  close(): Promise<void> {
    this.isReady = false
    this.phase = 'stopped'
    this.options.metrics?.ready(false)
    this.closed ??= this.inner?.close() ?? Promise.resolve()
    return this.closed
  }

  private get opened(): Opened {
    if (!this.inner || this.closed) throw new SluiceError(this.closed ? 'ERR_STOPPING' : 'ERR_NOT_READY', [this.phase])
    return this.inner
  }
}
