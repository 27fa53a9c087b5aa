import { type Change, type EngineStatus, faults, indexedSources, type Trouble } from '../../../app/index.ts'
import { createMetrics, type Metrics, type Minute, minuteOf } from '../../../foundation/telemetry/index.ts'
import { type Case, type Diagnosis, diagnose } from '../diagnose.ts'

export const START = Date.UTC(2026, 5, 1, 12)
export const MINUTE = 60_000
/** The moment at which the trouble of the last five minutes begins. */
export const ONSET = START + 55 * MINUTE

export const status = {
  ready: true,
  uptimeSeconds: 86_400,
  models: { bst: '000004' },
  budgets: { home: 100, 'home/retrieve': 15, 'home/fine': 20 },
} as unknown as EngineStatus

const place = { url: 'http://127.0.0.1:8787', data: '/data' }

/** One minute of a server that is well, measured by its own metrics. */
export function usual(metrics: Metrics): void {
  for (let i = 0; i < 100; i++) {
    metrics.slate('home', 0.012, 'full')
    metrics.stage('home', { stage: 'retrieve', ms: 4, status: 'ok', out: 800 })
    metrics.stage('home', { stage: 'fine', ms: 4, status: 'ok', out: 200 })
    metrics.source('sequence', 0.002, 100, 'ok')
    metrics.sourceServed('sequence', 8, 2)
    metrics.sourceServed('popular', 12, 5)
    for (let item = 0; item < 20; item++) metrics.slateEvent('impression', 'home')
    metrics.slateEvent('click', 'home')
    metrics.slateEvent('click', 'home')
    metrics.calibration({ bin: '0.1', impressions: 20, predicted: 2, clicks: 2 })
    metrics.http('/v1/slates', 'POST', 200, 0.012)
    metrics.events('accepted', 2)
  }
  metrics.visible(0.004)
}

/** What a minute is like instead. */
export type Spoil = (metrics: Metrics) => void

/** As usual, but for what is changed in each slate. */
export const slower =
  (stage: string, ms: number): Spoil =>
  (metrics) => {
    usual(metrics)
    for (let i = 0; i < 100; i++) metrics.stage('home', { stage, ms, status: 'ok', out: 200 })
  }

/** Slates of which a part, of a hundred, comes from a rung. */
export const fromRung =
  (rung: string, part = 100): Spoil =>
  (metrics) => {
    for (let i = 0; i < 100; i++) {
      metrics.slate('home', 0.01, i < part ? rung : 'full')
      metrics.stage('home', { stage: 'retrieve', ms: 4, status: 'ok', out: 800 })
    }
    metrics.sourceServed('sequence', 800, 2)
    metrics.sourceServed('popular', 1200, 5)
  }

export const change = (kind: Change['kind'], subject: string, more: Partial<Change> = {}): Change => ({
  at: ONSET - MINUTE / 2,
  kind,
  subject,
  say: `${kind} ${subject} changed`,
  ...more,
})

interface Hour {
  /** How many of its last minutes are spoilt; 5 unless said. */
  readonly spoilt?: number
  readonly memoryAt?: (turn: number) => number
  readonly troubles?: readonly Trouble[]
  readonly over?: Partial<Case>
}

/** Spoils the last minutes of an hour and lets the triage find out. */
export async function triage(
  spoil: Spoil | undefined,
  changes: readonly Change[],
  { spoilt = 5, memoryAt = () => 0, troubles = [], over }: Hour = {},
): Promise<Diagnosis> {
  const metrics = createMetrics({ process: false })
  const minutes: Minute[] = []
  let before = await metrics.samples()
  for (let turn = 1; turn <= 60; turn++) {
    if (spoil && turn > 60 - spoilt) spoil(metrics)
    else usual(metrics)
    const now = await metrics.samples()
    minutes.push({ ...minuteOf(START + turn * MINUTE, now, before), memory: memoryAt(turn) })
    before = now
  }
  const now = minutes.pop() as Minute
  const observations = { changes, minutes, troubles }
  const known = { faults, indexed: indexedSources, place }
  return diagnose({ at: START + 60 * MINUTE, status, observations, now, ...known, ...over })
}
