import type { EngineStatus } from '../../app/index.ts'
import {
  bucketsOf,
  type Minute,
  minuteOf,
  quantileOf,
  type Samples,
  total,
  totalsBy,
} from '../../foundation/telemetry/index.ts'

/** One look at a server: what `sluice top --json` prints. Rates are per second. */
export interface Frame {
  readonly at: number
  readonly where: string
  readonly version: string
  readonly ready: boolean
  /** Failures that are injected on purpose; missing without any. */
  readonly faults?: readonly string[]
  readonly uptimeSeconds: number
  readonly slatesPerSecond: number
  readonly eventsPerSecond: number
  readonly cpuShare: number
  readonly memoryBytes: number
  readonly pending: number
  readonly items: number
  readonly users: number
  readonly events: number
  /** A surface by its name, its stages as `home/fine`; milliseconds. */
  readonly layers: readonly {
    readonly layer: string
    readonly p50: number
    readonly p99: number
    readonly budgetMs: number | undefined
    readonly over: boolean
  }[]
  readonly rungs: Minute['rungs']
  readonly sources: readonly { readonly source: string; readonly share: number; readonly faults: number }[]
  readonly models: Readonly<Record<string, string>>
  /** Vector indexes that serve; `recall` of one whose verdict cannot be read is missing. */
  readonly indexes: readonly IndexFrame[]
  /** Missing without any. */
  readonly workers?: {
    readonly wanted: number
    readonly ready: number
    /** Slates per second by worker, `server` for those that it made itself because no worker could. */
    readonly slatesPerSecond: Readonly<Record<string, number>>
    /** Since the start. */
    readonly restarts: number
    readonly requests: number
    /** 99th percentiles, milliseconds: changes of the state waiting for readers, and readers for changes. */
    readonly waitP99: { readonly write: number; readonly read: number }
  }
  readonly minute: Minute
}

export interface IndexFrame {
  readonly source: string
  readonly version: number
  /** 0 for exact search. */
  readonly generation: number
  readonly size: number
  /** Share that lies in no cell. */
  readonly astray: number
  readonly recall: number | undefined
}

export interface Look {
  readonly at: number
  readonly seconds: number
  readonly where: string
  readonly status: EngineStatus
  readonly now: Samples
  readonly before: Samples
}

export function frameOf({ at, seconds, where, status, now, before }: Look): Frame {
  const restarted = total(now, 'process_start_time_seconds') !== total(before, 'process_start_time_seconds')
  const since = restarted ? undefined : before
  const span = restarted ? Math.max(1, status.uptimeSeconds) : seconds
  const minute = minuteOf(at, now, since, span)
  const cpu = total(now, 'process_cpu_seconds_total') - (since ? total(since, 'process_cpu_seconds_total') : 0)
  const sources = [...new Set([...Object.keys(minute.sourceShares), ...Object.keys(minute.sourceFaults)])]
  const { version, ready, uptimeSeconds, items, users, events, pending, budgets, models } = status
  return {
    at,
    where,
    version,
    ready,
    ...(status.faults && { faults: status.faults }),
    uptimeSeconds,
    slatesPerSecond: minute.slates / span,
    eventsPerSecond: minute.events / span,
    cpuShare: cpu / span,
    memoryBytes: minute.memory,
    pending,
    items,
    users,
    events,
    layers: Object.entries(minute.p99).map(([layer, p99]) => {
      const budgetMs = budgets[layer]
      return { layer, p50: minute.p50[layer] ?? 0, p99, budgetMs, over: budgetMs !== undefined && p99 > budgetMs }
    }),
    rungs: minute.rungs,
    sources: sources
      .map((source) => ({
        source,
        share: minute.sourceShares[source] ?? 0,
        faults: minute.sourceFaults[source] ?? 0,
      }))
      .sort((a, b) => b.share - a.share),
    models,
    indexes: indexesOf(now),
    ...(status.workers && { workers: workersOf(status.workers, span, now, since) }),
    minute,
  }
}

export function indexesOf(now: Samples): IndexFrame[] {
  const by = (name: string, labels = {}) => totalsBy(now, `sluice_index_${name}`, 'source', labels)
  const [versions, generations, astray] = [by('version'), by('generation'), by('astray')]
  const recalls = by('recall', { which: 'live' })
  return Array.from(by('size'), ([source, size]) => ({
    ...{ source, size, version: versions.get(source) ?? 0, generation: generations.get(source) ?? 0 },
    ...{ astray: astray.get(source) ?? 0, recall: recalls.get(source) },
  }))
}

function workersOf(
  { wanted, ready, threads }: NonNullable<EngineStatus['workers']>,
  span: number,
  now: Samples,
  before: Samples | undefined,
): NonNullable<Frame['workers']> {
  const made = (samples: Samples) => totalsBy(samples, 'sluice_worker_slates_total', 'worker', { result: 'made' })
  const early = before ? made(before) : new Map<string, number>()
  const rates = [...made(now)].map(([worker, count]) => [worker, (count - (early.get(worker) ?? 0)) / span] as const)
  const p99 = (side: string) => {
    const waits = bucketsOf(now, before, 'sluice_state_wait_seconds', { side })
    return waits.count > 0 ? 1000 * quantileOf(waits, 0.99) : 0
  }
  return {
    wanted,
    ready,
    slatesPerSecond: Object.fromEntries(rates),
    restarts: threads.reduce((sum, { restarts }) => sum + restarts, 0),
    requests: threads.reduce((sum, { requests }) => sum + requests, 0),
    waitP99: { write: p99('write'), read: p99('read') },
  }
}
