import { DAY, MINUTE } from '../../foundation/base/index.ts'
import type { Change, EngineStatus, Observations } from '../../app/index.ts'
import type { Minute } from '../../foundation/telemetry/index.ts'
import { type Advice, adviceFor } from './advice.ts'
import type { Finding } from './finding.ts'
import { MINUTES_LEAST, type Sign, type SignName, sayOf, signs, signsOf, type Usual, usualOf } from './signs.ts'

/** A minute with fewer slates tells little about slates. */
const SLATES_LEAST = 20
/** A change is a suspect when it came at most so long before the trouble, or so little after: minutes have edges. */
const BEFORE_MS = 10 * MINUTE
const AFTER_MS = MINUTE

/** What `sluice triage --json` prints. */
export interface Diagnosis {
  readonly at: number
  readonly healthy: boolean
  /** Worst first. */
  readonly findings: readonly Finding[]
  /** All that changed in the last 24 hours, latest first. */
  readonly changes: readonly Change[]
  /** What to do about the worst finding. */
  readonly advice: Advice | undefined
}

export interface Case {
  readonly at: number
  readonly status: EngineStatus
  readonly observations: Observations
  /** What was measured just now; it counts as the last minute. */
  readonly now: Minute
  /** How long that took, in milliseconds. */
  readonly spanMs: number
  /** The data folder, for commands; undefined when only the address is known. */
  readonly data: string | undefined
}

/** Walks the runbook: what is wrong now, since when, what changed at that time, what to do. */
export function diagnose({ at, status, observations, now, spanMs, data }: Case): Diagnosis {
  const minutes = [...observations.minutes, now].filter(
    ({ slates }, i, all) => slates >= SLATES_LEAST || i === all.length - 1,
  )
  const changes = observations.changes.filter((change) => at - change.at <= DAY)
  const history = minutes.slice(0, -1)
  const found = (sign: Sign, since: number): Finding => {
    return { ...sign, say: sayOf(sign), since, suspects: suspectsOf(sign.sign, since, changes) }
  }
  const findings = signsNow(minutes, status.budgets)
    .map(({ sign, usual }) => found(sign, onset(history, at - spanMs, sign, usual, status.budgets)))
    .concat(status.unwritten ? [found(diskSign(status.unwritten), status.unwritten.since)] : [])
    .sort(
      (a, b) =>
        signs[b.sign].weight - signs[a.sign].weight ||
        b.value / Math.max(b.limit, 1e-9) - a.value / Math.max(a.limit, 1e-9),
    )
  const worst = findings[0]
  return {
    at,
    healthy: findings.length === 0,
    findings,
    changes: changes.toReversed(),
    advice: worst && adviceFor(leading(findings), status, data),
  }
}

/** What the status says of the disk, as a sign. */
const diskSign = ({ why }: NonNullable<EngineStatus['unwritten']>): Sign => {
  return { sign: 'disk full', subject: why, value: 1, limit: 0 }
}

/**
 * The finding to act upon: the worst; but when a change is suspected of several and not of the worst, the worst of those. A disk
 * that takes nothing is a cause itself.
 */
function leading(findings: readonly Finding[]): Finding {
  const worst = findings[0] as Finding
  return worst.suspects.length > 0 || worst.sign === 'disk full'
    ? worst
    : (findings.find(({ suspects }) => suspects.length > 0) ?? worst)
}

/**
 * Signs of the last minute. What is usual is the median of the minutes before; a change that lasts moves that median, so
 * the earliest stretch of the day counts, as long as it has a few minutes.
 */
function signsNow(minutes: readonly Minute[], budgets: EngineStatus['budgets']): { sign: Sign; usual: Usual }[] {
  const last = minutes.at(-1) as Minute
  const before = minutes.slice(0, -1)
  const half = before.slice(0, Math.max(MINUTES_LEAST, before.length >> 1))
  const usual = usualOf(half)
  return signsOf(last, usual, budgets).map((sign) => ({ sign, usual }))
}

/** Goes back from when the look began as long as every minute shows the sign. */
function onset(
  history: readonly Minute[],
  began: number,
  { sign, subject }: Sign,
  usual: Usual,
  budgets: EngineStatus['budgets'],
): number {
  let since = began
  for (const minute of history.toReversed()) {
    if (!signsOf(minute, usual, budgets).some((one) => one.sign === sign && one.subject === subject)) break
    since = minute.at - MINUTE
  }
  return since
}

/** Kinds of changes that can bring about a sign, likeliest first. */
const likely: Readonly<Record<SignName, readonly Change['kind'][]>> = {
  'disk full': ['fault'],
  errors: ['fault', 'version', 'configuration', 'model', 'index', 'start'],
  'over budget': ['fault', 'model', 'index', 'shadow', 'configuration', 'version', 'start'],
  degraded: ['fault', 'index', 'model', 'configuration', 'version', 'start'],
  'source fails': ['fault', 'index', 'model', 'configuration', 'version', 'start'],
  'source dried up': ['fault', 'index', 'model', 'configuration', 'version'],
  'event late': ['fault', 'configuration', 'version', 'start'],
  'events rejected': ['fault', 'configuration', 'version'],
  'workers end': ['fault', 'model', 'configuration', 'version'],
  'workers missing': ['fault', 'model', 'configuration', 'version', 'start'],
  'loop blocked': ['fault', 'version', 'configuration', 'model', 'shadow', 'start'],
  'memory grows': ['fault', 'version', 'configuration', 'model', 'shadow', 'index'],
  slower: ['fault', 'model', 'index', 'shadow', 'configuration', 'version', 'start'],
  'clicks fall': ['model', 'configuration', 'index', 'version'],
  'scores drift': ['model', 'configuration', 'version'],
  'features drift': ['version', 'configuration', 'model'],
  uncalibrated: ['model', 'configuration', 'version'],
}

function suspectsOf(sign: SignName, since: number, changes: readonly Change[]): Change[] {
  const order = likely[sign]
  return changes
    .filter((change) => order.includes(change.kind))
    .filter((change) => change.at >= since - BEFORE_MS && change.at <= since + AFTER_MS)
    .sort(
      (a, b) =>
        order.indexOf(a.kind) - order.indexOf(b.kind) ||
        isRest(a) - isRest(b) ||
        Math.abs(a.at - since) - Math.abs(b.at - since),
    )
}

/** Options that were too many to name come after those that are: nobody can set them back by that. */
const isRest = ({ kind, subject }: Change): number => Number(kind === 'configuration' && subject === 'others')
