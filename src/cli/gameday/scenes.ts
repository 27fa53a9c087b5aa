import type { FaultName } from '../../app/index.ts'

/** What is injected together, by name. */
export interface Scene {
  readonly name: string
  /** As `parseFaults` reads them. */
  readonly faults: readonly string[]
  /** What breaks and mends something outside of the server, besides. */
  readonly outside?: { begin(): Promise<void>; end(): Promise<void> }
}

/** A Redis that holds the online features is killed: the scene that needs a server of its own and a redis-server. */
export const REDIS = 'redis-killed'

/** Failures that come together: a shared cause, a cascade, a fault that lasts while load rises. */
const together: readonly Scene[] = [
  { name: 'stale, then no ranker', faults: ['features-stale', 'ranker-down'] },
  { name: 'store and indexes slow', faults: ['features-slow', 'index-slow'] },
  { name: 'half of the ranker slow', faults: ['ranker-slow:0.5'] },
  { name: 'no indexes, no rankers', faults: ['index-down', 'coarse-down', 'ranker-down', 'degraded-down'] },
  {
    name: 'all but the lists',
    faults: ['retrieval-down', 'features-down', 'coarse-down', 'ranker-down', 'degraded-down'],
  },
  { name: 'disk full', faults: ['log-down', 'served-down'] },
  { name: 'workers end now and then', faults: ['worker-killed:0.02'] },
  { name: 'overload, store slow', faults: ['overload', 'features-slow:0.5'] },
]

/** Each failure alone, then together. @param wanted names of faults; none for all, with the combinations */
export function scenesOf(names: readonly FaultName[], wanted: readonly string[]): Scene[] {
  if (wanted.length > 0) return wanted.map((name) => ({ name: name.replaceAll('+', ' + '), faults: name.split('+') }))
  return [...names.map((name) => ({ name, faults: [name] })), ...together]
}

/** Do these end threads, of which a server may have none? */
export function endsWorkers(faults: readonly string[]): boolean {
  return faults.some((fault) => fault.startsWith('worker-killed'))
}

/** Do these stop the event log, so that events are refused by design? */
export function stopsEvents(faults: readonly string[]): boolean {
  return faults.some((fault) => fault.startsWith('log-down'))
}
