import type {
  EngineStatus,
  ErasureReport,
  Explanation,
  FaultsReport,
  Injection,
  PortfolioReport,
} from '../app/index.ts'
import type { Event, Item, Slate, SlateRequest, User } from '../domain/index.ts'

export const exportKinds = ['items', 'users', 'events'] as const
export type ExportKind = (typeof exportKinds)[number]

export interface Exported {
  readonly items: Item
  readonly users: User
  readonly events: Event
}

/** What commands ask of a platform. Answered by a running server, or by the data folder opened in this process. */
export interface Platform {
  /** Where the answers come from, for the reader. */
  readonly where: string
  /** Is it a running server? Else the data folder was opened here, for this one command. */
  readonly running: boolean
  slate(request: SlateRequest): Promise<Slate>
  explain(slate: string): Promise<Explanation>
  portfolio(): Promise<PortfolioReport>
  faults(): Promise<FaultsReport>
  injectFaults(injections: readonly Injection[]): Promise<FaultsReport>
  status(): Promise<EngineStatus>
  eraseUser(id: string): Promise<ErasureReport>
  /** The latest events, oldest first; with `follow`, then new ones until the signal aborts. */
  tail(last: number, follow: boolean, signal: AbortSignal): AsyncIterable<Event>
  /** Every record of a kind, in batches of any size. */
  records<K extends ExportKind>(kind: K): AsyncIterable<readonly Exported[K][]>
  close(): Promise<void>
}
