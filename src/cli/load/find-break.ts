import type { LoadReport } from './run.ts'

/** Why a rate is more than the server bears. */
export interface Limits {
  /** Most p99 of the slates, milliseconds. */
  readonly p99Ms: number
  /** Least share of the slates on the rung `full`; not asked for without. */
  readonly fullMin?: number
}

export interface BreakStep {
  readonly rate: number
  /** Why it did not hold; nothing when it did. */
  readonly broke: readonly string[]
  readonly report: LoadReport
}

export interface BreakReport {
  readonly limits: Limits
  readonly steps: readonly BreakStep[]
  /** Highest rate that held, slates per second; 0 when none did. */
  readonly holds: number
  /** Lowest rate that broke; missing when none did. */
  readonly breaks?: number
}

/** From one rate to the next. */
const RISE = 1.25
/** Most rates tried on the way up. */
const STEPS_MAX = 24
/** Halvings of the gap between what held and what broke. */
const HALVINGS = 2
/** Share of requests that may fail. */
const FAILED_MAX = 0.001
/** Share of the asked rate that must be answered. */
const ANSWERED_MIN = 0.95

/** Runs at rising rates from `from` until one breaks, then closes in on the edge between. */
export async function findBreak(
  run: (rate: number) => Promise<LoadReport>,
  { from, limits, signal }: { from: number; limits: Limits; signal: AbortSignal },
  onStep: (step: BreakStep) => void,
): Promise<BreakReport> {
  const steps: BreakStep[] = []
  let holds = 0
  let breaks: number | undefined
  const attempt = async (rate: number) => {
    const report = await run(rate)
    const step = { rate, broke: whyBroken(report, limits), report }
    if (signal.aborted) return // cut short: it shows nothing
    steps.push(step)
    onStep(step)
    if (step.broke.length > 0) breaks = rate
    else holds = rate
  }
  let rate = from
  for (let step = 0; step < STEPS_MAX && breaks === undefined && !signal.aborted; step++) {
    await attempt(rounded(rate))
    rate *= RISE
  }
  for (let half = 0; half < HALVINGS && breaks !== undefined && holds > 0 && !signal.aborted; half++) {
    await attempt(rounded((holds + breaks) / 2))
  }
  return { limits, steps, holds, ...(breaks === undefined ? {} : { breaks }) }
}

/** What a run shows that must not be; empty when the rate held. */
export function whyBroken({ slates, rate, throughput }: LoadReport, { p99Ms, fullMin = 0 }: Limits): string[] {
  const broke: string[] = []
  if (slates.latencyMs.p99 > p99Ms) broke.push(`p99 ${slates.latencyMs.p99.toFixed(0)} ms`)
  if (slates.failed > slates.sent * FAILED_MAX) broke.push(`${slates.failed} failed`)
  const full = slates.rungs['full'] ?? 0
  // A few slates more or less are chance: two standard deviations of a share of so many.
  if (full < fullMin - 2 * Math.sqrt((fullMin * (1 - fullMin)) / Math.max(1, slates.answered)))
    broke.push(`${(100 * full).toFixed(0)} % full`)
  // Chance alone moves a Poisson count: three standard deviations are no fault.
  if (slates.answered < slates.sent * ANSWERED_MIN) broke.push(`${slates.answered} of ${slates.sent} answered`)
  else if (throughput < rate * ANSWERED_MIN * (1 - 3 / Math.sqrt(Math.max(1, slates.sent)))) {
    broke.push(`${throughput.toFixed(0)}/s answered`)
  }
  return broke
}

function rounded(rate: number): number {
  return rate >= 20 ? Math.round(rate) : Math.round(rate * 10) / 10
}
