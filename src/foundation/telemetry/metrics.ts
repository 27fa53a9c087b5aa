import { collectDefaultMetrics, Registry } from 'prom-client'
import { instrumentsIn } from './instruments.ts'
import type { MetricName } from './table.ts'

/** What is measured. No method throws: a measurement that is refused is counted as a fault. Times are in seconds. */
export interface Metrics {
  slate(surface: string, seconds: number, rung: string): void
  /** `status`: ok, late, failed or skipped; all but `ok` are counted as faults too. */
  stage(name: string, seconds: number, status: string): void
  source(name: string, seconds: number, count: number, status: string): void
  removal(reason: string, count: number): void
  /** `result`: accepted, duplicate or rejected. */
  events(result: string, count: number): void
  items(count: number): void
  users(count: number): void
  pending(events: number): void
  journalBytes(bytes: number): void
  ready(yes: boolean): void
  http(route: string, method: string, status: number, seconds: number): void
  inFlight(requests: number): void
  /** All of it in the Prometheus text format. */
  text(): Promise<string>
  /** Media type of `text`. */
  readonly contentType: string
}

/** `process: false` leaves out what Node says of itself (memory, event-loop lag, collector): for tests and benches. */
export function createMetrics(options: { process?: boolean } = {}): Metrics {
  const registry = new Registry()
  if (options.process !== false) collectDefaultMetrics({ register: registry })
  const instruments = instrumentsIn(registry)
  const record = (name: MetricName, value: number, ...labels: string[]) => {
    if (!instruments[name].record(value, ...labels)) instruments.sluice_telemetry_faults_total.record(1)
  }
  return {
    slate(surface, seconds, rung) {
      record('sluice_slate_duration_seconds', seconds, surface)
      record('sluice_rung_total', 1, rung, surface)
    },
    stage(name, seconds, status) {
      record('sluice_stage_duration_seconds', seconds, name)
      if (status !== 'ok') record('sluice_stage_faults_total', 1, name, status)
    },
    source(name, seconds, count, status) {
      record('sluice_source_duration_seconds', seconds, name)
      record('sluice_source_candidates_total', count, name)
      if (status !== 'ok') record('sluice_source_faults_total', 1, name, status)
    },
    removal: (reason, count) => record('sluice_removals_total', count, reason),
    events: (result, count) => record('sluice_events_total', count, result),
    items: (count) => record('sluice_items', count),
    users: (count) => record('sluice_users', count),
    pending: (events) => record('sluice_pending_events', events),
    journalBytes: (bytes) => record('sluice_journal_bytes', bytes),
    ready: (yes) => record('sluice_ready', yes ? 1 : 0),
    http: (route, method, status, seconds) =>
      record('sluice_http_request_duration_seconds', seconds, route, method, String(status)),
    inFlight: (requests) => record('sluice_http_requests_in_flight', requests),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  }
}
