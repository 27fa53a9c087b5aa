import type { Minute } from '../../foundation/telemetry/index.ts'
import { type Layer, layerOf, layerOfRoute } from './layers.ts'
import { rateOf, type Usual } from './usual.ts'

/** Something that is not as it should be in one minute. */
export interface Sign {
  readonly sign: SignName
  /** What it is about: a layer, a stage, a source, a rung, a feature, a route. */
  readonly subject: string
  readonly value: number
  readonly limit: number
  /** What the sentence needs besides. */
  readonly how?: string
}

/** A layer that got this much slower than usual is a sign even within its budget, if it takes long enough to matter. */
const SLOWER = 2
const SLOWER_MS_LEAST = 5
/** A source that falls to this part of its usual contribution has dried up; below the least it never had any. */
const DRIED = 1 / 3
const SHARE_LEAST = 0.03
const CTR_FALL = 0.7
/** Clicks per predicted one may move so far from what is usual: a ranker may promise too much and rank well. */
const CALIBRATION_MOVE = 1.5
/** Memory that grew to so many times what is usual, and by at least so much: a collector's saw teeth are smaller. */
const MEMORY_TIMES = 1.5
const MEMORY_LEAST = 256e6

/** A thread that serves may wait for a core so much of the time that it has work: beyond, its budgets run out in waiting. */
export const PROCESSOR_WAIT = 0.3

/** Shares of slates that fewer than this make are chance: a quick look sees few. */
const SLATES_LEAST = 3
/** Of stages that fail at once, those count that fail at least so often beside the worst: it lets the others wait. */
const BESIDE_WORST = 1 / 2
/** So much more than the usual rate is more traffic. */
const RATE_MORE = 1.3

interface SignSpec {
  /** As a sentence; values come rounded. */
  say(subject: string, value: number, limit: number, how: string): string
  /** How bad: the worst is looked at first. Causes come before what follows from them. */
  readonly weight: number
  layer(subject: string): Layer
  find(minute: Minute, usual: Usual, budgets: Readonly<Record<string, number>>): readonly Found[]
}
type Found = readonly [subject: string, value: number, limit: number, how?: string]

/** At least ten slates of a layer must lie above a percentile, or it tells of one unlucky slate. */
const percentileOf = (timed: number) => (timed >= 1000 ? 'p99' : timed >= 100 ? 'p90' : 'p50')
const percentiles = { p99: 'its 99th percentile', p90: 'its 90th percentile', p50: 'its median' } as const

const ms = (value: number) => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`
const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`
const share = (value: number) => `${(100 * value).toFixed(value < 0.1 ? 1 : 0)} %`
const above = (subject: string, value: number | undefined, limit: number): Found[] =>
  value !== undefined && value > limit ? [[subject, value, limit]] : []
/** Of shares of the slates of a minute. */
const aboveOf = ({ slates }: Minute, subject: string, value: number | undefined, limit: number): Found[] =>
  (value ?? 0) * slates >= SLATES_LEAST ? above(subject, value, limit) : []

/** Layers whose time is above a limit of theirs. */
function timesAbove(
  minute: Minute,
  limitOf: (layer: string, of: 'p50' | 'p90' | 'p99') => number | undefined,
): Found[] {
  return Object.entries(minute.timed).flatMap(([layer, timed]): Found[] => {
    const of = percentileOf(timed)
    const [value, limit] = [minute[of][layer], limitOf(layer, of)]
    return value !== undefined && limit !== undefined && value > limit ? [[layer, value, limit, percentiles[of]]] : []
  })
}

/** Signs that say why slates come from lower rungs: the one that most of them show comes first. */
export const causing: readonly SignName[] = ['stage fails', 'source fails', 'shed']

/** Signs that want of processor brings about. */
export const ofWaiting: readonly SignName[] = [
  ...causing,
  ...(['degraded', 'over budget', 'slower', 'event late', 'loop blocked'] as const),
]

/** The signs of trouble, worst first: each is told from one minute, held against budgets or against what is usual. */
export const signs = {
  'disk full': {
    weight: 110,
    layer: () => 'event log',
    say: (why) => `the disk takes nothing (${why}): events are answered 503, slates go on`,
    find: () => [], // of now, not of a minute: the server says it in its status
  },
  errors: {
    weight: 100,
    layer: layerOfRoute,
    say: (route, value) => `${share(value)} of all answers are errors of the server, to ${route}`,
    find: ({ errorsBy }) => Object.entries(errorsBy).flatMap(([route, value]) => above(route, value, 0.001)),
  },
  'stage fails': {
    weight: 97,
    layer: layerOf,
    say: (stage, value) => `stage ${stage} is late, fails or is skipped on ${share(value)} of the slates`,
    find: (minute) => {
      // What is only skipped lacks what comes before it. Retrieval is late when a source is: its sources tell.
      const failing = Object.keys(minute.stageFailures)
        .filter((stage) => stage !== 'retrieve')
        .flatMap((stage) => aboveOf(minute, stage, minute.stageFaults[stage], 0.05))
      const worst = Math.max(...failing.map(([, value]) => value))
      return failing.filter(([, value]) => value >= BESIDE_WORST * worst)
    },
  },
  'source fails': {
    weight: 97,
    layer: () => 'retrieval',
    say: (sources, value, _, how) => `${how || `source ${sources}`} ${share(value)} of the times`,
    find: (minute) =>
      Object.entries(minute.sourceFaults).flatMap(([source, value]) => aboveOf(minute, source, value, 0.1)),
  },
  shed: {
    weight: 97,
    layer: () => 'queue',
    say: (_, value, __, how) => `${share(value)} of the slates are shed, for they waited too long; ${how}`,
    find: (minute, { rate }) => {
      const now = rateOf(minute)
      const more = rate !== undefined && now > RATE_MORE * rate
      const usual = rate === undefined ? '' : `, usual are ${rate.toFixed(1)}${more ? ': more traffic' : ''}`
      const how = `${now.toFixed(1)} a second are asked for${usual}`
      return aboveOf(minute, 'requests', minute.shed, 0.02).map(([subject, value, limit]) => [
        subject,
        value,
        limit,
        how,
      ])
    },
  },
  degraded: {
    weight: 95,
    layer: (rung) => (rung === 'stale' ? 'features' : 'slate'),
    say: (rung, value) => `${share(value)} of the slates come from rung ${rung}`,
    find: (minute) =>
      Object.entries(minute.rungs).flatMap(([rung, value]) =>
        rung === 'full' ? [] : aboveOf(minute, rung, value, 0.05),
      ),
  },
  'over budget': {
    weight: 90,
    layer: layerOf,
    say: (layer, value, limit, how) => `${layer} takes ${ms(value)} at ${how}, its budget is ${ms(limit)}`,
    find: (minute, _, budgets) => timesAbove(minute, (layer) => budgets[layer]),
  },
  'source dried up': {
    layer: () => 'retrieval',
    weight: 65,
    say: (source, value, limit) =>
      `source ${source} brings ${share(value)} of the items shown, it brought ${share(limit / DRIED)}`,
    find: ({ sourceShares }, usual) =>
      Object.entries(usual.sourceShares).flatMap(([source, before]) => {
        const now = sourceShares[source] ?? 0
        return before >= SHARE_LEAST && now < before * DRIED ? [[source, now, before * DRIED] as const] : []
      }),
  },
  'event late': {
    layer: () => 'event log',
    weight: 60,
    say: (_, value) => `an event takes ${ms(value)} until the next slate counts it`,
    find: ({ visibleP99 }) => above('events', visibleP99, 1000),
  },
  'slates not kept': {
    layer: () => 'served log',
    weight: 59,
    say: (_, value) =>
      `${share(value)} of the slates cannot be kept in the served log: nothing explains or learns from them`,
    find: (minute) => aboveOf(minute, 'served log', minute.servedLost, 0.001),
  },
  'events rejected': {
    layer: () => 'interface',
    weight: 55,
    say: (_, value) => `${share(value)} of the events are turned away`,
    find: ({ rejected, events }) => (events >= 20 ? above('events', rejected, 0.1) : []),
  },
  'workers end': {
    layer: () => 'workers',
    weight: 99, // slates wait and are shed for want of those that ended
    say: (_, value) => `workers ended ${Math.round(value)} times and were begun again`,
    find: ({ workersEnded }) => above('workers', workersEnded, 1),
  },
  'workers missing': {
    layer: () => 'workers',
    weight: 98,
    say: (_, value) => `${value} of the workers that are wanted make no slates`,
    find: ({ workersMissing }) => above('workers', workersMissing, 0),
  },
  'processor short': {
    layer: () => 'machine',
    weight: 97.5, // what is late for want of a core is not at fault
    say: (_, value) => `no core is free: the thread that serves waits ${share(value)} of the time that it has work`,
    find: ({ processorWait }) => above('processor', processorWait, PROCESSOR_WAIT),
  },
  'loop blocked': {
    layer: () => 'process',
    weight: 50,
    say: (_, value) => `the event loop is blocked for ${ms(value)} at its 99th percentile`,
    find: ({ loopLagP99 }) => above('process', loopLagP99, 100),
  },
  'memory grows': {
    layer: () => 'process',
    weight: 48,
    say: (_, value, limit) =>
      `the process holds ${megabytes(value)}, ${megabytes(limit)} would be the most that is usual`,
    find: ({ memory }, usual) =>
      usual.memory === undefined
        ? []
        : above('process', memory, Math.max(MEMORY_TIMES * usual.memory, usual.memory + MEMORY_LEAST)),
  },
  slower: {
    layer: layerOf,
    weight: 45,
    say: (layer, value, limit, how) => `${layer} takes ${ms(value)} at ${how}, usual are ${ms(limit / SLOWER)}`,
    find: (minute, usual) =>
      timesAbove(minute, (layer, of) => {
        const before = usual[of][layer]
        return before === undefined ? undefined : Math.max(SLOWER_MS_LEAST, SLOWER * before)
      }),
  },
  'clicks fall': {
    layer: () => 'shown',
    weight: 40,
    say: (_, value, limit) => `${share(value)} of the items shown are clicked, usual are ${share(limit / CTR_FALL)}`,
    find: ({ ctr }, usual) =>
      ctr !== undefined && usual.ctr !== undefined && ctr < CTR_FALL * usual.ctr
        ? [['clicks', ctr, CTR_FALL * usual.ctr]]
        : [],
  },
  'scores drift': {
    layer: () => 'shown',
    weight: 35,
    say: (_, value) => `the scores of what is shown have moved (PSI ${value.toFixed(2)})`,
    find: ({ scoreDrift }) => above('scores', scoreDrift, 0.25),
  },
  'features drift': {
    layer: () => 'shown',
    weight: 30,
    say: (feature, value) => `feature ${feature} of what is shown has moved (PSI ${value.toFixed(2)})`,
    find: ({ drift }) => (drift ? above(drift.feature, drift.psi, 0.25) : []),
  },
  uncalibrated: {
    layer: () => 'shown',
    weight: 25,
    say: (_, value, limit) =>
      `${value.toFixed(2)} clicks come for each that was predicted, usual are ${(value > limit ? limit / CALIBRATION_MOVE : limit * CALIBRATION_MOVE).toFixed(2)}`,
    find: ({ calibration }, usual) => {
      if (calibration === undefined || usual.calibration === undefined) return []
      const [low, high] = [usual.calibration / CALIBRATION_MOVE, usual.calibration * CALIBRATION_MOVE]
      return calibration >= low && calibration <= high
        ? []
        : [['predictions', calibration, calibration > high ? high : low]]
    },
  },
} as const satisfies Record<string, SignSpec>

export type SignName = keyof typeof signs

/** All signs of a minute. */
export function signsOf(minute: Minute, usual: Usual, budgets: Readonly<Record<string, number>>): Sign[] {
  return (Object.entries(signs) as [SignName, SignSpec][]).flatMap(([sign, { find }]) =>
    find(minute, usual, budgets).map(([subject, value, limit, how]) => ({
      ...{ sign, subject, value, limit },
      ...(how === undefined ? {} : { how }),
    })),
  )
}

/** A sign as a sentence. */
export function sayOf({ sign, subject, value, limit, how = '' }: Sign): string {
  return (signs[sign] as SignSpec).say(subject, value, limit, how)
}

/** Where it is wrong. */
export function layerOfSign({ sign, subject }: Sign): Layer {
  return (signs[sign] as SignSpec).layer(subject)
}
