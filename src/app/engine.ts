import type { ImportStep } from '../connect/index.ts'
import type { WorldSizes } from '../world/index.ts'
import type { Injection } from '../serving/ladder/index.ts'
import type { PortfolioRow } from '../serving/retrieval/index.ts'
import type { ShadowFigures } from '../serving/watch/index.ts'
import type { Observations, Observed } from './observe/observer.ts'
import type { Event, Item, Rule, Slate, SlateRequest, StageReport, StageStatus, User } from '../domain/index.ts'

/** What a batch of events came to. The index points into the batch. */
export interface EventsReport {
  readonly accepted: number
  readonly duplicate: number
  readonly rejected: readonly { readonly index: number; readonly code: string; readonly message: string }[]
}

/** What a batch of items or users came to. */
export interface UpsertReport {
  /** Those added, changed and unchanged together. */
  readonly accepted: number
  readonly added: number
  readonly changed: number
  /** There just so, and not written again. */
  readonly unchanged: number
  readonly rejected: readonly { readonly index: number; readonly code: string; readonly message: string }[]
}

export interface ErasureReport {
  readonly user: string
  /** Records removed from each store. */
  readonly erased: {
    readonly profile: boolean
    readonly journal: number
    readonly served: number
    readonly slates: number
  }
}

/** Why a slate looks as it does; read from what was logged when it was made, never recomputed. */
export interface Explanation {
  readonly slate: string
  readonly surface: string
  readonly user: string | undefined
  readonly at: number
  readonly rung: string
  readonly digest: string
  /** Who scored, by stage: MODEL/VERSION, or bootstrap. */
  readonly models?: Readonly<Record<string, string>>
  /** Candidates left after each step, in order. */
  readonly funnel: readonly { readonly step: string; readonly count: number }[]
  readonly removals: Readonly<Record<string, number>>
  readonly stages: readonly StageReport[]
  readonly sources: readonly {
    readonly name: string
    readonly status: StageStatus
    readonly at: number
    readonly ms: number
    readonly count: number
    readonly note?: string
  }[]
  readonly items: readonly {
    readonly item: string
    readonly title: string | undefined
    readonly position: number
    readonly sources: Readonly<Record<string, { readonly score: number; readonly rank: number }>>
    readonly scores: { readonly retrieval: number; readonly coarse: number; readonly fine: number }
    /** Parts of the fine score; they sum to it. */
    readonly contributions: Readonly<Record<string, number>>
    /** What the fine model predicted, by head. */
    readonly predictions?: Readonly<Record<string, number>>
    readonly features: Readonly<Record<string, number>>
    readonly propensity: number
    readonly explored: boolean
    readonly pinned: boolean
    readonly reason: string
  }[]
  /** Ids and scores of the candidates that were ranked and not chosen, best first. */
  readonly runnersUp: readonly { readonly item: string; readonly score: number }[]
}

/** What each source is worth: counts since the start, over all surfaces. */
export interface PortfolioReport {
  readonly slates: number
  readonly rows: readonly PortfolioRow[]
}

export interface SimilarItem {
  readonly item: string
  readonly score: number
  readonly title?: string
}

export type { Change, ChangeKind } from './observe/change.ts'
export type { Minute } from '../foundation/telemetry/index.ts'
export type { Observations, Observed } from './observe/observer.ts'
export type { Trouble } from './observe/troubles.ts'

/** Threads that make slates, since the start. */
export interface WorkersStatus {
  readonly wanted: number
  /** Those that take requests. */
  readonly ready: number
  /** Slates that the server made itself, because no worker could. */
  readonly here: number
  readonly threads: readonly WorkerStatus[]
}

export interface WorkerStatus {
  readonly ready: boolean
  readonly made: number
  readonly failed: number
  /** Requests it ended over; others made those slates. */
  readonly lost: number
  readonly restarts: number
  /** Taken and not answered. */
  readonly requests: number
}

export interface EngineStatus {
  readonly ready: boolean
  /** What it is doing, while it is not ready. */
  readonly phase: string
  /** Failures that are injected on purpose now; missing without any. */
  readonly faults?: readonly string[]
  readonly version: string
  readonly items: number
  readonly users: number
  readonly events: number
  readonly journalBytes: number
  readonly pending: number
  /** The disk did not take the latest batch; missing while it does. */
  readonly unwritten?: Unwritten
  /** Threads that make slates; missing without any. */
  readonly workers?: WorkersStatus
  readonly uptimeSeconds: number
  readonly memory: Readonly<Record<string, number>>
  /** What makes the simulated platform again that the folder was filled with; none in a folder that was filled otherwise. */
  readonly world?: WorldSizes
  /** Short hash of the configuration and the version; missing until it is open. */
  readonly digest?: string
  /** Version in use of each model; those without one are left out. */
  readonly models: Readonly<Record<string, string>>
  /** By model, the version before the one in use that is at hand, whole: a rollback to it takes under a second. */
  readonly kept?: Readonly<Record<string, string>>
  /** By model, the version that is asked in its shadow, and how it compares; those without one are left out. */
  readonly shadows?: Readonly<Record<string, ShadowStatus>>
  /** Training beside the server; missing when it is off. */
  readonly learning?: LearningStatus
  /** What each layer may take, in milliseconds: a surface by its name, its stages as `home/retrieve`. */
  readonly budgets: Readonly<Record<string, number>>
}

/** What the system says of the disk, and since when, in milliseconds since 1970. */
export interface Unwritten {
  readonly since: number
  readonly why: string
}

/** A version that scores beside the live one and answers nobody. */
export interface ShadowStatus {
  readonly version: string
  /** Who ranked what it was asked: MODEL/VERSION, or `bootstrap`. Missing before the first slate. */
  readonly live?: string
  /** Why it cannot be asked. */
  readonly why?: string
  /** Slates that both scored. */
  readonly compared: number
  /** Slates of the share that came while another was being scored. */
  readonly skipped: number
  readonly failed: number
  /** Over the latest 500 slates; missing before the first. */
  readonly figures?: ShadowFigures
}

/** What is injected now, and whether that may be changed. */
export interface FaultsReport {
  readonly allowed: boolean
  readonly active: readonly Injection[]
}

/** How the training beside the server stands. */
export interface LearningStatus {
  readonly state: 'waiting' | 'training'
  readonly progress?: Progress
  /** Why the latest training of a model came to nothing, by model. */
  readonly failed: Readonly<Record<string, string>>
  /** What the training that goes on with the stream does; missing when none is configured. */
  readonly online?: string
}

/** One step of long work. `total` 0: not known. */
export interface Progress {
  readonly phase: string
  readonly done: number
  readonly total: number
  /** While a model learns: its mean loss, what it was measured by last, seconds until it has seen all. */
  readonly loss?: number
  readonly metric?: { readonly name: string; readonly value: number }
  readonly secondsLeft?: number
}

/** Every row of the source is accounted for: rows = accepted + duplicate + the sum of rejected. */
export interface ImportReport {
  readonly rows: number
  readonly accepted: number
  /** Events that are there, and items and users that are there just so. */
  readonly duplicate: number
  readonly rejected: Readonly<Record<string, number>>
  /** The first few messages of each code. */
  readonly examples: Readonly<Record<string, readonly string[]>>
  /** How many were added. */
  readonly items: number
  readonly users: number
  readonly events: number
  /** How many were there and are another now. */
  readonly changed: { readonly items: number; readonly users: number }
  /** Earliest and latest time of the events that were added, when there are any. */
  readonly span?: { readonly from: number; readonly to: number }
  readonly seconds: number
}

/** The whole system behind one face: what the server and the command line call. */
export interface Engine {
  /** Opens the data folder, makes the world when it is empty, replays, builds. Call once; until it resolves `status().ready` is false. */
  open(onProgress?: (progress: Progress) => void): Promise<void>
  status(): EngineStatus
  /** Of the status what every request asks: does it serve, and what is it doing otherwise? */
  standing(): Pick<EngineStatus, 'ready' | 'phase'>
  /** Takes what an importer gives. Events may be of any age. */
  import(steps: AsyncIterable<ImportStep>, onProgress?: (progress: Progress) => void): Promise<ImportReport>
  /**
   * `waitedMs`: for how long the request has waited before this call; it is taken off the budget.
   * @throws SluiceError for a request that cannot be met
   */
  slate(request: SlateRequest, waitedMs?: number): Promise<Slate>
  /** Values are checked one by one; resolves when the accepted ones are on disk and count for the next slate. */
  events(batch: readonly unknown[]): Promise<EventsReport>
  putItems(batch: readonly unknown[]): Promise<UpsertReport>
  putUsers(batch: readonly unknown[]): Promise<UpsertReport>
  item(id: string): Item
  user(id: string): User & {
    readonly historyLength: number
    readonly history: readonly { readonly item: string; readonly at: number; readonly kind: string }[]
  }
  deleteItem(id: string): Promise<void>
  /** Complete erasure from every store. */
  eraseUser(id: string): Promise<ErasureReport>
  similar(item: string, limit: number, rule?: Rule): SimilarItem[]
  explain(slate: string): Explanation
  portfolio(): PortfolioReport
  faults(): FaultsReport
  /**
   * Replaces the injected faults.
   * @throws SluiceError ERR_FAULTS_OFF when this platform does not allow any
   */
  injectFaults(injections: readonly Injection[]): FaultsReport
  /** What changed, oldest first, what each minute was like (with metrics only), what went wrong last. */
  observations(asked?: Observed): Observations
  /** The latest events, oldest first, then new ones as they are accepted. Ends when the signal aborts. */
  tail(last: number, signal: AbortSignal): AsyncIterable<Event>
  /** Every item, then every user (export). */
  allItems(): Iterable<Item>
  allUsers(): Iterable<User>
  allEvents(): Iterable<Event>
  close(): Promise<void>
}
