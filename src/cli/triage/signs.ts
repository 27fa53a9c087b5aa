import type { Minute } from '../../foundation/telemetry/index.ts'

/** What is usual, where a sign is told by its change. */
export interface Usual {
  /** Medians of the minutes before, by the same keys as in `Minute`; missing when there were too few. */
  readonly p99: Readonly<Record<string, number>>
  readonly sourceShares: Readonly<Record<string, number>>
  /** Bytes. */
  readonly memory?: number
  readonly ctr?: number
  readonly calibration?: number
}

/** Something that is not as it should be in one minute. */
export interface Sign {
  readonly sign: SignName
  /** What it is about: a layer, a source, a rung, a feature. */
  readonly subject: string
  readonly value: number
  readonly limit: number
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

interface SignSpec {
  /** As a sentence; values come rounded. */
  say(subject: string, value: number, limit: number): string
  /** How bad: the worst is looked at first. */
  readonly weight: number
  find(minute: Minute, usual: Usual, budgets: Readonly<Record<string, number>>): readonly Found[]
}
type Found = readonly [subject: string, value: number, limit: number]

/** Of fewer slates in a minute the 99th percentile is one unlucky slate: then the median is held against the limit. */
const P99_LEAST = 100
const times = ({ slates, p99, p50 }: Minute) => (slates >= P99_LEAST ? p99 : p50)

const ms = (value: number) => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`
const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`
const share = (value: number) => `${(100 * value).toFixed(value < 0.1 ? 1 : 0)} %`
const above = (subject: string, value: number | undefined, limit: number): Found[] =>
  value !== undefined && value > limit ? [[subject, value, limit]] : []

/**
 * The signs of trouble, worst first: each is told from one minute, held against budgets or against what is usual. Times
 * are 99th percentiles.
 */
export const signs = {
  'disk full': {
    weight: 110,
    say: (why) => `the disk takes nothing (${why}): events are answered 503, slates go on`,
    find: () => [], // of now, not of a minute: the server says it in its status
  },
  errors: {
    weight: 100,
    say: (_, value) => `${share(value)} of all answers are errors of the server`,
    find: ({ errors }) => above('answers', errors, 0.001),
  },
  'over budget': {
    weight: 90,
    say: (layer, value, limit) => `${layer} takes ${ms(value)}, its budget is ${ms(limit)}`,
    find: (minute, _, budgets) =>
      Object.entries(times(minute)).flatMap(([layer, value]) =>
        above(layer, value, budgets[layer] ?? Number.POSITIVE_INFINITY),
      ),
  },
  degraded: {
    weight: 95,
    say: (rung, value) => `${share(value)} of the slates come from rung ${rung}`,
    find: ({ rungs }) =>
      Object.entries(rungs).flatMap(([rung, value]) => (rung === 'full' ? [] : above(rung, value, 0.05))),
  },
  'source fails': {
    weight: 70,
    say: (source, value) => `source ${source} is late, fails or is skipped on ${share(value)} of the slates`,
    find: ({ sourceFaults }) => Object.entries(sourceFaults).flatMap(([source, value]) => above(source, value, 0.1)),
  },
  'source dried up': {
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
    weight: 60,
    say: (_, value) => `an event takes ${ms(value)} until the next slate counts it`,
    find: ({ visibleP99 }) => above('events', visibleP99, 1000),
  },
  'events rejected': {
    weight: 55,
    say: (_, value) => `${share(value)} of the events are turned away`,
    find: ({ rejected, events }) => (events >= 20 ? above('events', rejected, 0.1) : []),
  },
  'workers end': {
    weight: 58,
    say: (_, value) => `workers ended ${Math.round(value)} times within a minute and were begun again`,
    find: ({ workersEnded }) => above('workers', workersEnded, 1),
  },
  'workers missing': {
    weight: 57,
    say: (_, value) => `${value} of the workers that are wanted make no slates`,
    find: ({ workersMissing }) => above('workers', workersMissing, 0),
  },
  'loop blocked': {
    weight: 50,
    say: (_, value) => `the event loop is blocked for ${ms(value)} at its 99th percentile`,
    find: ({ loopLagP99 }) => above('process', loopLagP99, 100),
  },
  'memory grows': {
    weight: 48,
    say: (_, value, limit) =>
      `the process holds ${megabytes(value)}, ${megabytes(limit)} would be the most that is usual`,
    find: ({ memory }, usual) =>
      usual.memory === undefined
        ? []
        : above('process', memory, Math.max(MEMORY_TIMES * usual.memory, usual.memory + MEMORY_LEAST)),
  },
  slower: {
    weight: 45,
    say: (layer, value, limit) => `${layer} takes ${ms(value)}, usual are ${ms(limit / SLOWER)}`,
    find: (minute, usual) =>
      Object.entries(times(minute)).flatMap(([layer, value]) =>
        above(layer, value, Math.max(SLOWER_MS_LEAST, SLOWER * (usual.p99[layer] ?? Number.POSITIVE_INFINITY))),
      ),
  },
  'clicks fall': {
    weight: 40,
    say: (_, value, limit) => `${share(value)} of the items shown are clicked, usual are ${share(limit / CTR_FALL)}`,
    find: ({ ctr }, usual) =>
      ctr !== undefined && usual.ctr !== undefined && ctr < CTR_FALL * usual.ctr
        ? [['clicks', ctr, CTR_FALL * usual.ctr]]
        : [],
  },
  'scores drift': {
    weight: 35,
    say: (_, value) => `the scores of what is shown have moved (PSI ${value.toFixed(2)})`,
    find: ({ scoreDrift }) => above('scores', scoreDrift, 0.25),
  },
  'features drift': {
    weight: 30,
    say: (feature, value) => `feature ${feature} of what is shown has moved (PSI ${value.toFixed(2)})`,
    find: ({ drift }) => (drift ? above(drift.feature, drift.psi, 0.25) : []),
  },
  uncalibrated: {
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
    find(minute, usual, budgets).map(([subject, value, limit]) => ({ sign, subject, value, limit })),
  )
}

/** A sign as a sentence. */
export function sayOf({ sign, subject, value, limit }: Sign): string {
  return (signs[sign] as SignSpec).say(subject, value, limit)
}

/** Medians of minutes that were as usual. */
export function usualOf(minutes: readonly Minute[]): Usual {
  const clicks = minutes.flatMap(({ ctr }) => (ctr === undefined ? [] : [ctr]))
  const kept = minutes.flatMap(({ calibration }) => (calibration === undefined ? [] : [calibration]))
  const memory = minutes.flatMap((minute) => (minute.memory > 0 ? [minute.memory] : []))
  return {
    p99: medians(minutes.map(({ p99 }) => p99)),
    sourceShares: medians(minutes.map(({ sourceShares }) => sourceShares)),
    ...(memory.length >= MINUTES_LEAST ? { memory: median(memory) } : {}),
    ...(clicks.length >= MINUTES_LEAST ? { ctr: median(clicks) } : {}),
    ...(kept.length >= MINUTES_LEAST ? { calibration: median(kept) } : {}),
  }
}

/** Fewer minutes than this say nothing about what is usual. */
export const MINUTES_LEAST = 5

function medians(rows: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const names = new Set(rows.flatMap((row) => Object.keys(row)))
  const all = [...names].map((name) => [name, rows.flatMap((row) => row[name] ?? [])] as const)
  return Object.fromEntries(
    all.flatMap(([name, values]) => (values.length >= MINUTES_LEAST ? [[name, median(values)]] : [])),
  )
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return ((sorted[(sorted.length - 1) >> 1] as number) + (sorted[sorted.length >> 1] as number)) / 2
}
