import { bucketsOf, quantileOf, type Samples, total, totalsBy } from './exposition.ts'

/**
 * What a server did in one minute (or between any two readings of its metrics): the signs by which trouble is told.
 * Milliseconds and shares; a value that nothing happened to give is left out.
 */
export interface Minute {
  /** Its end, in milliseconds since 1970. */
  readonly at: number
  /** How long it was: 60, unless it is the time between two readings. */
  readonly seconds: number
  readonly slates: number
  /** How often each layer was timed: `home`, `home/fine`. */
  readonly timed: Readonly<Record<string, number>>
  /** 99th percentile by layer. */
  readonly p99: Readonly<Record<string, number>>
  readonly p90: Readonly<Record<string, number>>
  readonly p50: Readonly<Record<string, number>>
  /** Shares of slates. */
  readonly rungs: Readonly<Record<string, number>>
  /** Share of the slates that got neither retrieval nor kept scores: they had waited too long. */
  readonly shed: number
  /** Share of the slates with a retrieval of their own on which a stage was late, failed or was skipped. */
  readonly stageFaults: Readonly<Record<string, number>>
  /** Of these, late or failed: what is skipped may lack nothing but what comes before it. */
  readonly stageFailures: Readonly<Record<string, number>>
  /** Share of the times a source was asked on which it was late, failed or was skipped; 0 for one that is well. */
  readonly sourceFaults: Readonly<Record<string, number>>
  /** Items on slates that a source had proposed, as a share of all. */
  readonly sourceShares: Readonly<Record<string, number>>
  /** Answers with a status of 500 or above, as a share of all. */
  readonly errors: number
  /** The same by method and route: `POST /v1/events`. */
  readonly errorsBy: Readonly<Record<string, number>>
  /** Slates that the served log could not keep, as a share of all. */
  readonly servedLost: number
  readonly events: number
  /** Share of events that were turned away. */
  readonly rejected: number
  readonly visibleP99?: number
  /** Clicks over impressions of slates made here. */
  readonly ctr?: number
  /** Clicks that came over clicks that were predicted. */
  readonly calibration?: number
  /** The feature that moved most, and how far (PSI). */
  readonly drift?: { readonly feature: string; readonly psi: number }
  readonly scoreDrift?: number
  /** Workers that ended and were begun again; those that are wanted and take no requests. */
  readonly workersEnded: number
  readonly workersMissing: number
  readonly pending: number
  readonly memory: number
  readonly loopLagP99: number
  /** Share of the time in which the thread that serves had work that it waited for a core; missing where nobody says. */
  readonly processorWait?: number
}

/** Less work than this between two readings is a matter of chance. */
const SECONDS_LEAST = 0.05

/** The minute between two readings, which came `seconds` apart; `before` none: since the start of the process. */
export function minuteOf(at: number, now: Samples, before: Samples | undefined, seconds = 60): Minute {
  const grown = (name: string, having = {}) => total(now, name, having) - (before ? total(before, name, having) : 0)
  const grownBy = (name: string, label: string, having = {}) => {
    const early = before ? totalsBy(before, name, label, having) : new Map<string, number>()
    return [...totalsBy(now, name, label, having)].map(([key, value]) => [key, value - (early.get(key) ?? 0)] as const)
  }
  const slates = grown('sluice_slate_duration_seconds_count')
  const served = grown('sluice_source_served_total')
  const answers = grown('sluice_http_request_duration_seconds_count')
  const errors = failures(now, before)
  const made = (stage: string) => grown('sluice_stage_duration_seconds_count', { stage })
  const faults = (status: string) => grownBy('sluice_stage_faults_total', 'stage', { status })
  const events = grown('sluice_events_total')
  const impressions = grown('sluice_slate_events_total', { kind: 'impression' })
  const predicted = grown('sluice_calibration_predicted_total')
  const visible = bucketsOf(now, before, 'sluice_event_visible_seconds')
  const drift = worst(now, 'sluice_feature_drift_psi', 'feature', { against: 'day' })
  return {
    at,
    seconds,
    slates,
    ...layersOf(now, before),
    rungs: shares(grownBy('sluice_rung_total', 'rung'), slates),
    shed: Math.max(0, ratio(slates - made('retrieve') - made('kept'), slates)),
    stageFaults: shares(grownBy('sluice_stage_faults_total', 'stage'), made('retrieve')),
    stageFailures: shares(added(faults('late'), faults('failed')), made('retrieve')),
    sourceFaults: sharesOf(
      grownBy('sluice_source_faults_total', 'source'),
      grownBy('sluice_source_duration_seconds_count', 'source'),
    ),
    sourceShares: shares(grownBy('sluice_source_served_total', 'source'), served),
    errors: ratio(sum(errors), answers),
    errorsBy: shares(errors, answers),
    servedLost: ratio(grown('sluice_served_lost_total'), slates),
    events,
    rejected: ratio(grown('sluice_events_total', { result: 'rejected' }), events),
    ...(visible.count > 0 ? { visibleP99: 1000 * quantileOf(visible, 0.99) } : {}),
    ...(impressions > 0 ? { ctr: grown('sluice_slate_events_total', { kind: 'click' }) / impressions } : {}),
    ...(predicted > 0 ? { calibration: grown('sluice_calibration_clicks_total') / predicted } : {}),
    ...(drift ? { drift: { feature: drift[0], psi: drift[1] } } : {}),
    ...(now.has('sluice_score_drift_psi') ? { scoreDrift: total(now, 'sluice_score_drift_psi') } : {}),
    workersEnded: grown('sluice_worker_restarts_total'),
    workersMissing:
      total(now, 'sluice_workers', { state: 'wanted' }) - total(now, 'sluice_workers', { state: 'ready' }),
    pending: total(now, 'sluice_pending_events'),
    memory: total(now, 'process_resident_memory_bytes'),
    loopLagP99: 1000 * total(now, 'nodejs_eventloop_lag_p99_seconds'),
    ...processorWait(grown('sluice_processor_seconds_total'), grown('sluice_processor_seconds_total', WAITED)),
  }
}

/** Digits of what is measured that are kept: the others are noise, and two thirds of the bytes. */
const DIGITS = 4

/** The same in fewer digits, for keeping. Whole numbers stay as they are. */
export function roundedMinute(minute: Minute): Minute {
  return rounded(minute) as Minute
}

function rounded(value: unknown): unknown {
  if (typeof value === 'number') return Number.isInteger(value) ? value : Number(value.toPrecision(DIGITS))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, rounded(one)]))
}

/** Percentiles of the slates of each surface and of their stages. */
function layersOf(now: Samples, before: Samples | undefined): Pick<Minute, 'timed' | 'p50' | 'p90' | 'p99'> {
  const timed: Record<string, number> = {}
  const p50: Record<string, number> = {}
  const p90: Record<string, number> = {}
  const p99: Record<string, number> = {}
  const add = (layer: string, name: string, having: Record<string, string>) => {
    const buckets = bucketsOf(now, before, name, having)
    if (buckets.count <= 0) return
    timed[layer] = buckets.count
    p90[layer] = 1000 * quantileOf(buckets, 0.9)
    p50[layer] = 1000 * quantileOf(buckets, 0.5)
    p99[layer] = 1000 * quantileOf(buckets, 0.99)
  }
  for (const surface of totalsBy(now, 'sluice_slate_duration_seconds_count', 'surface').keys()) {
    add(surface, 'sluice_slate_duration_seconds', { surface })
    for (const stage of totalsBy(now, 'sluice_stage_duration_seconds_count', 'stage', { surface }).keys())
      add(`${surface}/${stage}`, 'sluice_stage_duration_seconds', { stage, surface })
  }
  return { timed, p50, p90, p99 }
}

const WAITED = { state: 'waited' }

/** Missing where the thread had next to nothing to do: a share of nothing says nothing. */
function processorWait(all: number, waited: number): Pick<Minute, 'processorWait'> {
  return all < SECONDS_LEAST ? {} : { processorWait: waited / all }
}

type Parts = readonly (readonly [name: string, value: number])[]

/** Answers of 500 or above, by method and route. */
function failures(now: Samples, before: Samples | undefined): Parts {
  const name = 'sluice_http_request_duration_seconds_count'
  const by = new Map<string, number>()
  for (const [samples, sign] of [[now, 1] as const, [before, -1] as const])
    for (const { labels, value } of samples?.get(name) ?? []) {
      const { status = '', method, route } = labels
      if (status >= '500') by.set(`${method} ${route}`, (by.get(`${method} ${route}`) ?? 0) + sign * value)
    }
  return [...by]
}

function worst(
  samples: Samples,
  name: string,
  label: string,
  having: Readonly<Record<string, string>>,
): readonly [string, number] | undefined {
  return [...totalsBy(samples, name, label, having)].sort(([, a], [, b]) => b - a)[0]
}

function shares(parts: Parts, whole: number): Record<string, number> {
  return Object.fromEntries(parts.filter(([, part]) => part > 0).map(([name, part]) => [name, ratio(part, whole)]))
}

/** Each part of a whole of its own; those that have none are left out. */
function sharesOf(parts: Parts, wholes: Parts): Record<string, number> {
  const own = new Map(parts)
  const some = wholes.filter(([, whole]) => whole > 0)
  return Object.fromEntries(some.map(([name, whole]) => [name, ratio(own.get(name) ?? 0, whole)]))
}

function added(a: Parts, b: Parts): Parts {
  const sums = new Map(a)
  for (const [name, part] of b) sums.set(name, (sums.get(name) ?? 0) + part)
  return [...sums]
}

const sum = (parts: Parts) => parts.reduce((all, [, part]) => all + part, 0)
const ratio = (part: number, whole: number) => (whole > 0 ? part / whole : 0)
