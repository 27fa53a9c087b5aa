import { DAY, MINUTE } from '../../foundation/base/index.ts'
import type { Change, EngineStatus, Observations, Trouble } from '../../app/index.ts'
import type { Minute } from '../../foundation/telemetry/index.ts'
import { type Advice, adviceFor } from './advice.ts'
import type { Finding } from './finding.ts'
import { general, type Layer, layerNames } from './layers.ts'
import { causing, layerOfSign, ofWaiting, type Sign, type SignName, sayOf, signs, signsOf } from './signs.ts'
import type { Place } from './place.ts'
import { together } from './sources.ts'
import { type Faults, suspectsOf } from './suspects.ts'
import { MINUTES_LEAST, rateOf, type Usual, usualOf } from './usual.ts'

/** A minute with fewer slates tells little about slates. */
const SLATES_LEAST = 20

/** What `sluice triage --json` prints. */
export interface Diagnosis {
  readonly at: number
  readonly healthy: boolean
  /** Where it is wrong: of the finding that the advice is about. */
  readonly layer: Layer | undefined
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
  /** Of the last day. */
  readonly observations: Omit<Observations, 'from'>
  /** What was measured just now; it counts as the last minute. */
  readonly now: Minute
  /** Where commands are to go. */
  readonly place: Place
  /** What injected faults strike. */
  readonly faults: Faults
  /** Sources that answer from a built index. */
  readonly indexed: readonly string[]
}

/** What failed is left alone for at most 4 s until it is tried again: so long ago counts as now. */
const LEFT_ALONE_MS = 5000

/** Trouble that began so much later than the processor was short has another reason. */
const APART_MS = 2 * MINUTE

/** Walks the runbook: what is wrong now, where, since when, what changed at that time, what to do. */
export function diagnose({ at, status, observations, now: measured, place, faults, indexed }: Case): Diagnosis {
  const began = at - 1000 * measured.seconds
  const told = observations.troubles.filter((trouble) => trouble.at >= began - LEFT_ALONE_MS)
  const now = withLeftAlone(measured, told)
  const minutes = [...observations.minutes, now].filter(
    ({ slates }, i, all) => slates >= SLATES_LEAST || i === all.length - 1,
  )
  const changes = observations.changes.filter((change) => at - change.at <= DAY)
  const history = minutes.slice(0, -1)
  const found = signsNow(minutes, status.budgets).map(({ sign, usual }) => ({
    ...sign,
    since: onset(history, began, sign, usual, status.budgets),
  }))
  if (status.unwritten) found.push(diskSign(status.unwritten))
  const sorted = together(withoutEcho(harmful(found)), now, indexed).sort(
    (a, b) =>
      signs[b.sign].weight - signs[a.sign].weight ||
      worse(b) - worse(a) ||
      layerNames.indexOf(layerOfSign(a)) - layerNames.indexOf(layerOfSign(b)),
  )
  const findings = sorted.map((sign): Finding => {
    const placed = { ...sign, layer: layerIn(sign, sorted) }
    const latest = latestOf(sign, told)
    return {
      ...placed,
      say: sayOf(sign),
      suspects: suspectsOf(placed, sign.since, changes, faults),
      ...(latest && { latest }),
    }
  })
  const first = leading(findings)
  return {
    at,
    healthy: findings.length === 0,
    layer: first?.layer,
    findings,
    changes: changes.toReversed(),
    advice: first && adviceFor(first, { at, status, place, changes, rate: rateOf(now) }),
  }
}

/** What the status says of the disk, as a sign. */
function diskSign({ why, since }: NonNullable<EngineStatus['unwritten']>): Sign & { readonly since: number } {
  return { sign: 'disk full', subject: why, value: 1, limit: 0, since }
}

/** A stage that was skipped throughout a short look, because it had failed just before. */
function withLeftAlone(now: Minute, recent: readonly Trouble[]): Minute {
  const stages = Object.keys(now.stageFaults).filter((stage) => recent.some(({ part }) => part === `stage ${stage}`))
  return { ...now, stageFailures: { ...Object.fromEntries(stages.map((stage) => [stage, 0])), ...now.stageFailures } }
}

/** Want of processor is trouble where something comes late for it. */
function harmful<S extends Sign>(found: readonly S[]): readonly S[] {
  const harms = found.some(({ sign }) => ofWaiting.includes(sign))
  return harms ? found : found.filter(({ sign }) => sign !== 'processor short')
}

/** What is over its budget need not be told to be slower, too. */
function withoutEcho<S extends Sign>(found: readonly S[]): S[] {
  const over = found.filter(({ sign }) => sign === 'over budget').map(({ subject }) => subject)
  return found.filter(({ sign, subject }) => sign !== 'slower' || !over.includes(subject))
}

/** Shares of slates as they are, others by how far they are beyond what is good. */
const worse = ({ sign, value, limit }: Sign) => (causing.includes(sign) ? value : value / Math.max(limit, 1e-9))

/** A rung is where its cause is, when that is known. */
function layerIn(sign: Sign, all: readonly Sign[]): Layer {
  const own = layerOfSign(sign)
  const explains = ({ sign: other }: Sign) => causing.includes(other) || causes.includes(other)
  const cause = sign.sign === 'degraded' && own === 'slate' ? all.find(explains) : undefined
  return cause ? layerOfSign(cause) : own
}

/** What was said of it last. */
function latestOf({ sign, subject }: Sign, told: readonly Trouble[]): Trouble | undefined {
  const of: Partial<Record<SignName, string>> = { 'stage fails': 'stage', 'source fails': 'source', degraded: 'rung' }
  const rung =
    sign === 'shed' ? ['rung cached', 'rung popular'] : subject.split(', ').map((one) => `${of[sign]} ${one}`)
  return told.filter(({ part }) => rung.includes(part)).sort((a, b) => b.at - a.at)[0]
}

/** Signs that say where it comes from themselves. */
const causes: readonly SignName[] = [
  ...(['disk full', 'processor short', 'stage fails', 'source fails', 'workers end', 'workers missing'] as const),
]

/**
 * The finding to act upon: the worst. When that one does not say where it comes from, and a change is suspected of others,
 * the worst of those; of what the same change is suspected of, the one that says where.
 */
function leading(findings: readonly Finding[]): Finding | undefined {
  const worst = findings[0]
  if (worst?.sign === 'processor short') return findings.find((other) => isApart(other, worst)) ?? worst
  if (!worst || causes.includes(worst.sign)) return worst
  const blamed = findings.find(isBlamed) ?? worst
  const [suspect] = blamed.suspects
  if (!suspect || !general.includes(blamed.layer)) return blamed
  return findings.find(({ suspects, layer }) => suspects[0] === suspect && !general.includes(layer)) ?? blamed
}

/** What was broken on purpose, or came with a change when the processor had long been short, does not come of that. */
function isApart({ since, suspects: [suspect] }: Finding, short: Finding): boolean {
  if (suspect === undefined || suspect.kind === 'start') return false
  return suspect.kind === 'fault' || since > short.since + APART_MS
}

/** A start alone explains little. */
const isBlamed = ({ suspects }: Finding) => suspects.some(({ kind }) => kind !== 'start')

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
