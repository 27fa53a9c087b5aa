import type { Config } from '../../domain/index.ts'
import type { Estimate } from '../../judging/metrics/index.ts'
import { type ColumnDrift, psiBands, type TwoSample, twoSampleAction } from '../../judging/drift/index.ts'
import type { Verdict } from './manifest.ts'

/** What was measured on a candidate. A gate without its measurement fails, unless it is said why it does not apply. */
export interface Measurements {
  readonly data?: readonly {
    readonly check: string
    readonly pass: boolean
    readonly value: number | string
    readonly limit: number | string
    /** What is told though it passes. */
    readonly note?: string
  }[]
  readonly drift?: {
    /** Of the features: what it was trained on against what is served now. */
    readonly columns: readonly ColumnDrift[]
    /** Of all of them together. It warns and refuses nothing: what is plain to a classifier may be small to the model. */
    readonly twoSample: Pick<TwoSample, 'auc' | 'p' | 'columns'> & { readonly before: number | null }
  }
  readonly offline?: {
    readonly metric: string
    readonly better: 'higher' | 'lower'
    readonly value: number
    /** What it is held against: the live version or, for a first one, a plain baseline. */
    readonly against: string
    /** Mean of candidate minus the other over the same users, with its interval; null when it has no value. */
    readonly difference: Estimate | null
    /** Those users. */
    readonly users: number
    /** Is the other an earlier version of the same model, which this one takes the place of? Default no. */
    readonly renews?: boolean
    /** What else was measured on the same users, for whoever reads the verdict: it decides nothing. */
    readonly beside?: readonly { readonly name: string; readonly value: number }[]
  }
  /**
   * `low`: by how much it is off surely, where that is known: of few requests chance alone makes a mean gap of .02. `drawn`:
   * non-clicks were, so that the rate of clicks is the draw's.
   */
  readonly calibration?: { readonly ece: number; readonly low?: number; readonly drawn?: boolean }
  /** Milliseconds of processor time to score so many candidates on this machine. */
  readonly latency?: { readonly p99: number; readonly candidates: number }
  /** Greatest absolute difference between offline and online scores of the same rows. */
  readonly parity?: { readonly difference: number; readonly rows: number }
}
export type GateName = keyof Measurements

/** Configured as `learning.gates`, where each has its unit, default and range. */
export interface GateLimits extends Readonly<Config['learning']['gates']> {
  /** Gates that do not apply, and why. They pass, and their verdict says so. */
  readonly waived?: Partial<Record<GateName, string>>
}

/** Training and serving are two readings of one function: this much is rounding, and more is a defect. */
const PARITY_MAX = 1e-5

/** A classifier that told earlier parts of the training apart as well tells that time goes by, up to so much more AUC. */
const TOLD_MORE = 0.05
/** Users whose difference tells anything: of a few the interval is narrow by chance, or none. */
const USERS_LEAST = 10
/** Columns named in one sentence. */
const LISTED = 4

type Judge<G extends GateName> = (measured: NonNullable<Measurements[G]>, limits: GateLimits) => Omit<Verdict, 'gate'>

/** Every gate, in the order they are run. Pure functions of what was measured. */
export const gates: { readonly [G in GateName]-?: Judge<G> } = {
  data: (checks) => {
    const failed = checks.filter(({ pass }) => !pass)
    const list = failed.map(({ check, value, limit }) => `${check} is ${value}, not ${limit}`).join('; ')
    const notes = checks.flatMap(({ note }) => (note === undefined ? [] : [`; ${note}`])).join('')
    return {
      pass: checks.length > 0 && failed.length === 0,
      value: failed.length,
      limit: 0,
      say:
        failed.length > 0
          ? `the samples are not sound: ${list}`
          : `${checks.length} checks of the samples hold${notes}`,
    }
  },

  drift: ({ columns, twoSample }, { driftShareMax }) => {
    const acting = columns.filter(({ band }) => band === 'act')
    const share = acting.length / Math.max(1, columns.length)
    const broken = columns.filter((column) => column.broken)
    const steady = columns.filter(({ asUsual }) => asUsual)
    const told = twoSample.auc >= twoSampleAction.auc && twoSample.p < twoSampleAction.p
    const more = twoSample.before === null || twoSample.auc > twoSample.before + TOLD_MORE
    const worst = columns.reduce((a, b) => (b.psi > a.psi ? b : a), { name: 'none', psi: 0 })
    const widest = columns.reduce((a, b) => (b.statistic > a.statistic ? b : a), { name: 'none', statistic: 0 })
    const parts = [
      `${acting.length} of ${columns.length} features moved (PSI from ${psiBands.act} on, by a fifth of a deviation or more); the furthest is ${worst.name} with ${round(worst.psi)}`,
      `the widest gap between distributions is ${round(widest.statistic)} (Kolmogorov-Smirnov), of ${widest.name}`,
    ]
    parts[0] += above(share, driftShareMax, 'driftShareMax')
    if (broken.length > 0)
      parts.unshift(`broken, by two deviations or more: ${broken.map(({ name }) => name).join(', ')}`)
    if (steady.length > 0)
      parts.push(`${steady.length} more moved as they did before, as on a young platform: ${furthest(steady)}`)
    if (told && more)
      parts.push(
        `warning: a classifier tells the two apart with AUC ${round(twoSample.auc)}, mostly by ${twoSample.columns[0]?.name}`,
      )
    return {
      pass: columns.length > 0 && broken.length === 0 && share <= driftShareMax,
      value: share,
      limit: driftShareMax,
      say: parts.join('; '),
    }
  },

  offline: (measured, { offlineMargin }) => {
    const { metric, better, value, against, difference, users, renews = false, beside = [] } = measured
    if (users < USERS_LEAST) {
      const say = `${users} users are too few to tell ${metric} from that of ${against}: at least ${USERS_LEAST}`
      return { pass: false, value: null, limit: -offlineMargin, say }
    }
    if (difference === null || difference.low === null || difference.high === null)
      return { pass: false, value: null, limit: -offlineMargin, say: `${metric} has no interval against ${against}` }
    const sign = better === 'higher' ? 1 : -1
    // The end of the interval that speaks against the candidate, and the one that speaks for it.
    const [least, most] = sign > 0 ? [difference.low, difference.high] : [-difference.high, -difference.low]
    const mean = sign * difference.value
    const surely = least >= -offlineMargin
    // Of few users the interval is wider than any margin: an equally good one would hardly ever take the place of an older.
    const asGood = renews && mean >= -offlineMargin && most >= 0
    const interval = `${round(difference.low)} to ${round(difference.high)}`
    const others = beside.map((other) => `; ${other.name} has ${round(other.value)}`).join('')
    const how = asGood && !surely ? ': as good on the mean and not surely worse, so the newer one serves' : ''
    return {
      pass: surely || asGood,
      value: surely || !renews ? least : mean,
      limit: -offlineMargin,
      say: `${metric} ${round(value)}, ${round(difference.value)} (${interval}) against ${against}${how}${others}`,
    }
  },

  calibration: ({ ece, low = ece, drawn = false }, limits) => {
    const option = drawn ? 'eceMaxDrawn' : 'eceMax'
    const limit = limits[option]
    const among = drawn ? ', non-clicks drawn' : ''
    const surely = low < ece ? `, surely by ${round(low)}` : ''
    const say = `predicted probabilities are off by ${round(ece)} on average${surely}${among}${above(low, limit, option)}`
    return { pass: ece >= low && low <= limit, value: low, limit, say }
  },

  latency: ({ p99, candidates }, { latencyMsMax }) => ({
    pass: p99 <= latencyMsMax,
    value: p99,
    limit: latencyMsMax,
    say: `scoring ${candidates} candidates takes ${round(p99)} ms of processor time (p99)${above(p99, latencyMsMax, 'latencyMsMax')}`,
  }),

  parity: ({ difference, rows }) => ({
    pass: rows > 0 && difference <= PARITY_MAX,
    value: difference,
    limit: PARITY_MAX,
    say: `offline and online scores of ${rows} rows differ by up to ${difference.toExponential(2)}`,
  }),
}
export const gateNames = Object.keys(gates) as readonly GateName[]

/** The written verdict of every gate, in order. */
export function runGates(measured: Measurements, limits: GateLimits): Verdict[] {
  const { waived = {} } = limits
  return gateNames.map((gate) => {
    const reason = waived[gate]
    if (reason !== undefined) return { gate, pass: true, value: null, limit: null, say: `does not apply: ${reason}` }
    return judge(gate, measured, limits)
  })
}

function judge<G extends GateName>(gate: G, measured: Measurements, limits: GateLimits): Verdict {
  const value = measured[gate]
  if (value === undefined) return { gate, pass: false, value: null, limit: null, say: 'was not measured' }
  const verdict = (gates[gate] as Judge<G>)(value as NonNullable<Measurements[G]>, limits)
  // A NaN compares as false in every direction: it never passes, and JSON cannot hold it.
  if (verdict.value !== null && !Number.isFinite(verdict.value))
    return { gate, ...verdict, pass: false, value: null, say: `${verdict.say} - which is no number` }
  return { gate, ...verdict }
}

/** Which limit was passed, and the option that sets it; nothing where it holds. */
function above(value: number, limit: number, option: keyof Config['learning']['gates']): string {
  return value > limit ? `, more than ${limit} (learning.gates.${option})` : ''
}

/** The columns that moved furthest, by name. */
function furthest(columns: readonly ColumnDrift[]): string {
  const ordered = [...columns].sort((a, b) => b.distance - a.distance).map(({ name }) => name)
  return ordered.length > LISTED ? `${ordered.slice(0, LISTED).join(', ')} and others` : ordered.join(', ')
}

function round(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(4))) : String(value)
}
