import { SluiceError } from '../foundation/base/index.ts'
import { parseSamples, type Samples, total, totalsBy } from '../foundation/telemetry/index.ts'

/** What a slate costs on your machines: the currency of every plan that is not a preset. */
export interface Cost {
  /** Where the figures come from, for the reader. */
  readonly from: string
  /** Slates that were measured. */
  readonly slates: number
  /** Share of them on the rung `full`; missing where it is not told. A poorer slate costs less. */
  readonly whole?: number
  /** CPU milliseconds of the whole process per slate: HTTP, events and background work are in it. */
  readonly cpuMs: number
  /** Milliseconds of each stage per slate, mean, without those beside them; their sum is part of `cpuMs`. */
  readonly stages: Readonly<Record<string, number>>
  /** Candidates that each stage handed on, mean. */
  readonly candidates: Readonly<Record<string, number>>
  /** Share of slates by surface. */
  readonly mix: Readonly<Record<string, number>>
  /** Relative time of a slate by surface; 1 is the mean. */
  readonly weight: Readonly<Record<string, number>>
}

/** The stage that runs beside retrieval: what is waited for of it is in the features. */
export const BESIDE = 'viewer'
/** Stages whose time is no work of their own; a queue does nothing. */
const idle: readonly string[] = [BESIDE, 'wait']

/** Fewer slates than this say little about their cost. */
export const SLATES_LEAST = 200
/** With a smaller share of whole slates the figure is the cost of falling back. */
export const WHOLE_LEAST = 0.95

/**
 * The cost of a slate from a server's `/metrics`: between two readings of the same process, or since its start when
 * there is one only (the work of starting is then counted too).
 * @throws SluiceError ERR_PLAN_INPUT when no slate was made in between, or it is another process
 */
export function costFromMetrics(from: string, now: Samples, before?: Samples): Cost {
  const started = (samples: Samples) => total(samples, 'process_start_time_seconds')
  if (before && started(before) !== started(now))
    throw new SluiceError('ERR_PLAN_INPUT', [from, 'the server was restarted between the two readings'])
  const grown = (name: string, having = {}) => total(now, name, having) - (before ? total(before, name, having) : 0)
  const slates = grown('sluice_slate_duration_seconds_count')
  if (!(slates > 0)) throw new SluiceError('ERR_PLAN_INPUT', [from, 'no slate was made in the time that was measured'])
  const cpuSeconds = grown('process_cpu_seconds_total')
  if (!(cpuSeconds > 0))
    throw new SluiceError('ERR_PLAN_INPUT', [from, 'it does not say what CPU time the process took'])
  const by = <T>(name: string, label: string, value: (key: string) => T) =>
    Object.fromEntries(
      [...totalsBy(now, name, label).keys()]
        .filter((key) => label !== 'stage' || !idle.includes(key))
        .map((key) => [key, value(key)]),
    )
  const seconds = grown('sluice_slate_duration_seconds_sum')
  const surface = 'sluice_slate_duration_seconds'
  return {
    from,
    slates,
    ...(now.has('sluice_rung_total') && { whole: grown('sluice_rung_total', { rung: 'full' }) / slates }),
    cpuMs: (1000 * cpuSeconds) / slates,
    stages: by('sluice_stage_duration_seconds_count', 'stage', (stage) =>
      perSlate(1000 * grown('sluice_stage_duration_seconds_sum', { stage }), slates),
    ),
    candidates: by('sluice_stage_candidates_total', 'stage', (stage) =>
      perSlate(
        grown('sluice_stage_candidates_total', { stage }),
        grown('sluice_stage_duration_seconds_count', { stage }),
      ),
    ),
    mix: by(`${surface}_count`, 'surface', (name) => grown(`${surface}_count`, { surface: name }) / slates),
    weight: by(`${surface}_count`, 'surface', (name) => {
      const own = grown(`${surface}_count`, { surface: name })
      return own > 0 ? grown(`${surface}_sum`, { surface: name }) / own / (seconds / slates) : 1
    }),
  }
}

/**
 * The cost of a slate from a file: a report of `sluice load --json` or of a bench (`cpuMs` per slate, perhaps with
 * `stages` in milliseconds), or a saved `/metrics`. In a bench's list of rates the one counts that cost least per slate while
 * slates were whole; where they never were, the one at which most were.
 * @throws SluiceError ERR_PLAN_INPUT
 */
export function costFromText(from: string, text: string): Cost {
  if (text.includes('sluice_slate_duration_seconds')) return costFromMetrics(from, parseSamples(text))
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new SluiceError('ERR_PLAN_INPUT', [from, 'it is neither JSON nor the text of /metrics'], { cause: error })
  }
  const found = best(costsIn(value))
  if (!found)
    throw new SluiceError('ERR_PLAN_INPUT', [
      from,
      'nothing in it says cpuMs, the CPU milliseconds of one slate, and over how many slates',
    ])
  const whole = number(found, 'whole')
  return {
    from,
    slates: slatesOf(found),
    ...(whole !== undefined && { whole }),
    cpuMs: found['cpuMs'] as number,
    stages: numbers(found['stages']),
    candidates: numbers(found['candidates']),
    mix: numbers(found['mix']),
    weight: numbers(found['weight']),
  }
}

type Fields = Readonly<Record<string, unknown>>

/** The objects with `cpuMs` and a number of slates, anywhere in a value; what is named as a baseline does not count. */
function costsIn(value: unknown): Fields[] {
  if (typeof value !== 'object' || value === null) return []
  const fields = value as Fields
  const own =
    (number(fields, 'cpuMs') ?? 0) > 0 && slatesOf(fields) > 0 && !/naive|baseline/.test(String(fields['name']))
  return [...(own ? [fields] : []), ...Object.values(fields).flatMap(costsIn)]
}

const slatesOf = (fields: Fields) => number(fields, 'answered') ?? number(fields, 'slates') ?? 0

function best(costs: readonly Fields[]): Fields | undefined {
  const whole = (fields: Fields) => Math.min(WHOLE_LEAST, number(fields, 'whole') ?? 1)
  return [...costs].sort((a, b) => whole(b) - whole(a) || (a['cpuMs'] as number) - (b['cpuMs'] as number))[0]
}

function number(fields: Fields, name: string): number | undefined {
  const value = fields[name]
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

function numbers(value: unknown): Record<string, number> {
  if (typeof value !== 'object' || value === null) return {}
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
  )
}

const perSlate = (sum: number, slates: number) => (slates > 0 ? sum / slates : 0)
