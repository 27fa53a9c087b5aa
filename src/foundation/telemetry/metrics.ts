import { collectDefaultMetrics, Registry } from 'prom-client'
import { createInstruments, type Instrument } from './instruments.ts'
import { parseSamples, type Sample, type Samples } from './exposition.ts'
import { processorTimes } from './processor.ts'
import type { MetricName } from './table.ts'

/** What one stage of one slate did. Milliseconds, as stages report them. */
export interface StageMeasured {
  readonly stage: string
  readonly ms: number
  readonly status: string
  /** Candidates handed on. */
  readonly out: number
}

/** Impressions whose click was predicted with a probability in a bin, and what came of them. */
export interface ClicksJudged {
  /** Upper edge of the bin. */
  readonly bin: string
  readonly impressions: number
  /** Clicks that were expected of them. */
  readonly predicted: number
  readonly clicks: number
}

/** The vector index that serves a source. */
export interface IndexMeasured {
  readonly size: number
  /** Of all indexes of the source. */
  readonly bytes: number
  /** Share of its vectors that lie in no cell. */
  readonly astray: number
  readonly version: number
  readonly generation: number
}

/** A version in the shadow of a model, over the latest slates. */
export interface ShadowMeasured {
  readonly slates: number
  readonly overlap: number
  /** Of a coarse ranker alone. */
  readonly kept: number | undefined
  readonly psi: number | undefined
}

/** What is measured. No method throws: a measurement that is refused is counted as a fault. Times are in seconds. */
export interface Metrics {
  slate(surface: string, seconds: number, rung: string): void
  /** `status`: ok, late, failed or skipped; all but `ok` are counted as faults too. */
  stage(surface: string, measured: StageMeasured): void
  source(name: string, seconds: number, count: number, status: string): void
  /** Items on a slate that a source proposed, and how many of them no other did. */
  sourceServed(name: string, served: number, alone: number): void
  sourceClicked(name: string): void
  removal(reason: string, count: number): void
  /** Slates that the served log could not keep. */
  servedLost(count: number): void
  scoreCache(result: 'hit' | 'miss'): void
  /** `result`: accepted, duplicate or rejected. */
  events(result: string, count: number): void
  /** An event that names a slate made here. */
  slateEvent(kind: string, surface: string): void
  /** From the arrival of a batch of events to the moment the next slate counts them. */
  visible(seconds: number): void
  /** Age of an event when it was taken. */
  eventAge(seconds: number): void
  /** Mean distance of a slate's items, 0 to 1. */
  diversity(surface: string, value: number): void
  creatorGini(value: number): void
  featureDrift(feature: string, against: 'day' | 'training', psi: number): void
  scoreDrift(psi: number): void
  calibration(judged: ClicksJudged): void
  modelVersion(model: string, version: number): void
  index(source: string, measured: IndexMeasured): void
  /** `which`: of what serves, or of what was validated last. */
  indexRecall(source: string, which: 'live' | 'latest', recall: number): void
  /** What a new index answered beside the one that served. */
  indexShadow(source: string, queries: number, overlap: number): void
  indexEvent(source: string, what: string, count?: number): void
  /** `version`: 0 when none is in the shadow, or it was refused. */
  shadowVersion(model: string, version: number): void
  /** A slate of the share that a version in the shadow of a model is asked for. */
  shadowSlate(model: string, result: 'compared' | 'skipped' | 'failed'): void
  /** How long each took to score the same candidates. */
  shadowTimes(model: string, live: number, shadow: number): void
  /** The version in the shadow beside the live one; `psi`: of click scores, when it can be told. */
  shadow(model: string, compared: ShadowMeasured): void
  /** `count` 0: it is known, and did not happen yet. */
  change(kind: string, count?: number): void
  workers(wanted: number, ready: number): void
  /** `worker`: its number, or `server` when none could and the server made the slate itself. */
  workerSlate(worker: string, result: 'made' | 'failed' | 'lost'): void
  workerRestart(worker: string, count?: number): void
  workerRequests(worker: string, count: number): void
  /** `side`: `write` for a change that waited for readers, `read` for a reader who waited for a change. */
  stateWait(side: 'read' | 'write', seconds: number): void
  /** For how long a change kept readers out. */
  stateHeld(seconds: number): void
  /** Seconds in which the thread that serves ran, and in which it had work and waited for a core. */
  processor(ran: number, waited: number): void
  items(count: number): void
  users(count: number): void
  pending(events: number): void
  journalBytes(bytes: number): void
  stateBytes(part: string, bytes: number): void
  budget(surface: string, stage: string, seconds: number): void
  ready(yes: boolean): void
  http(route: string, method: string, status: number, seconds: number): void
  inFlight(requests: number): void
  /** All of it in the Prometheus text format. */
  text(): Promise<string>
  /** The same as numbers. */
  samples(): Promise<Samples>
  /** Media type of `text`. */
  readonly contentType: string
}

/** `process: false` leaves out what Node says of itself (memory, event-loop lag, collector): for tests and benches. */
export function createMetrics(options: { process?: boolean } = {}): Metrics {
  const ofProcess = new Registry()
  if (options.process !== false) collectDefaultMetrics({ register: ofProcess })
  const instruments = createInstruments()
  let known = { ran: 0, waited: 0 }
  const record = (name: MetricName, value: number, ...labels: string[]) => {
    if (!instruments[name].record(value, ...labels)) instruments.sluice_telemetry_faults_total.record(1)
  }
  const processor = (ran: number, waited: number) => {
    record('sluice_processor_seconds_total', ran, 'ran')
    record('sluice_processor_seconds_total', waited, 'waited')
  }
  /** Adds what came since the last reading. */
  const readProcessor = () => {
    const now = options.process === false ? undefined : processorTimes()
    if (now) processor(now.ran - known.ran, now.waited - known.waited)
    known = now ?? known
  }
  return {
    processor,
    slate(surface, seconds, rung) {
      record('sluice_slate_duration_seconds', seconds, surface)
      record('sluice_rung_total', 1, rung, surface)
    },
    stage(surface, { stage, ms, status, out }) {
      record('sluice_stage_duration_seconds', ms / 1000, stage, surface)
      record('sluice_stage_candidates_total', out, stage, surface)
      if (status !== 'ok') record('sluice_stage_faults_total', 1, stage, status)
    },
    source(name, seconds, count, status) {
      record('sluice_source_duration_seconds', seconds, name)
      record('sluice_source_candidates_total', count, name)
      if (status !== 'ok') record('sluice_source_faults_total', 1, name, status)
    },
    sourceServed(name, served, alone) {
      record('sluice_source_served_total', served, name)
      record('sluice_source_alone_total', alone, name)
    },
    sourceClicked: (name) => record('sluice_source_clicked_total', 1, name),
    servedLost: (count) => record('sluice_served_lost_total', count),
    scoreCache: (result) => record('sluice_score_cache_total', 1, result),
    removal: (reason, count) => record('sluice_removals_total', count, reason),
    events: (result, count) => record('sluice_events_total', count, result),
    slateEvent: (kind, surface) => record('sluice_slate_events_total', 1, kind, surface),
    visible: (seconds) => record('sluice_event_visible_seconds', seconds),
    eventAge: (seconds) => record('sluice_event_age_seconds', seconds),
    diversity: (surface, value) => record('sluice_slate_diversity', value, surface),
    creatorGini: (value) => record('sluice_creator_gini', value),
    featureDrift: (feature, against, psi) => record('sluice_feature_drift_psi', psi, feature, against),
    scoreDrift: (psi) => record('sluice_score_drift_psi', psi),
    calibration({ bin, impressions, predicted, clicks }) {
      record('sluice_calibration_impressions_total', impressions, bin)
      record('sluice_calibration_predicted_total', predicted, bin)
      record('sluice_calibration_clicks_total', clicks, bin)
    },
    modelVersion: (model, version) => record('sluice_model_version', version, model),
    index(source, { size, bytes, astray, version, generation }) {
      record('sluice_index_size', size, source)
      record('sluice_index_bytes', bytes, source)
      record('sluice_index_astray', astray, source)
      record('sluice_index_version', version, source)
      record('sluice_index_generation', generation, source)
    },
    indexRecall: (source, which, recall) => record('sluice_index_recall', recall, source, which),
    indexShadow(source, queries, overlap) {
      record('sluice_index_shadow_queries', queries, source)
      record('sluice_index_shadow_overlap', overlap, source)
    },
    indexEvent: (source, what, count = 1) => record('sluice_index_events_total', count, source, what),
    shadowVersion: (model, version) => record('sluice_shadow_version', version, model),
    shadowSlate: (model, result) => record('sluice_shadow_slates_total', 1, model, result),
    shadowTimes(model, live, shadow) {
      record('sluice_shadow_score_seconds', live, model, 'live')
      record('sluice_shadow_score_seconds', shadow, model, 'shadow')
    },
    shadow(model, { slates, overlap, kept, psi }) {
      record('sluice_shadow_window_slates', slates, model)
      record('sluice_shadow_overlap', overlap, model)
      if (kept !== undefined) record('sluice_shadow_kept', kept, model)
      if (psi !== undefined) record('sluice_shadow_click_psi', psi, model)
    },
    change: (kind, count = 1) => record('sluice_changes_total', count, kind),
    workers(wanted, ready) {
      record('sluice_workers', wanted, 'wanted')
      record('sluice_workers', ready, 'ready')
    },
    workerSlate: (worker, result) => record('sluice_worker_slates_total', 1, worker, result),
    workerRestart: (worker, count = 1) => record('sluice_worker_restarts_total', count, worker),
    workerRequests: (worker, count) => record('sluice_worker_requests', count, worker),
    stateWait: (side, seconds) => record('sluice_state_wait_seconds', seconds, side),
    stateHeld: (seconds) => record('sluice_state_held_seconds', seconds),
    items: (count) => record('sluice_items', count),
    users: (count) => record('sluice_users', count),
    pending: (events) => record('sluice_pending_events', events),
    journalBytes: (bytes) => record('sluice_journal_bytes', bytes),
    stateBytes: (part, bytes) => record('sluice_state_bytes', bytes, part),
    budget: (surface, stage, seconds) => record('sluice_budget_seconds', seconds, surface, stage),
    ready: (yes) => record('sluice_ready', yes ? 1 : 0),
    http: (route, method, status, seconds) =>
      record('sluice_http_request_duration_seconds', seconds, route, method, String(status)),
    inFlight: (requests) => record('sluice_http_requests_in_flight', requests),
    async text() {
      readProcessor()
      const own = Object.values(instruments).map((instrument: Instrument) => instrument.text())
      return `${own.join('\n')}\n${await ofProcess.metrics()}`
    },
    async samples() {
      readProcessor()
      const all = new Map<string, Sample[]>()
      for (const instrument of Object.values(instruments) as Instrument[])
        for (const [name, sample] of instrument.samples()) {
          const known = all.get(name)
          if (known) known.push(sample)
          else all.set(name, [sample])
        }
      return new Map([...all, ...parseSamples(await ofProcess.metrics())])
    },
    contentType: ofProcess.contentType,
  }
}
