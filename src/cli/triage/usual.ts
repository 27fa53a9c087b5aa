import type { Minute } from '../../foundation/telemetry/index.ts'

/** What is usual, where a sign is told by its change: medians of minutes, by the same keys as in `Minute`; missing when there were too few. */
export interface Usual {
  readonly p50: Readonly<Record<string, number>>
  readonly p90: Readonly<Record<string, number>>
  readonly p99: Readonly<Record<string, number>>
  readonly sourceShares: Readonly<Record<string, number>>
  /** Slates per second. */
  readonly rate?: number
  /** Bytes. */
  readonly memory?: number
  readonly ctr?: number
  readonly calibration?: number
}

/** Fewer minutes than this say nothing about what is usual. */
export const MINUTES_LEAST = 5

/** Medians of minutes that were as usual. */
export function usualOf(minutes: readonly Minute[]): Usual {
  const of = (name: 'ctr' | 'calibration') => minutes.flatMap((minute) => minute[name] ?? [])
  const memory = minutes.flatMap((minute) => (minute.memory > 0 ? [minute.memory] : []))
  return {
    p50: medians(minutes.map(({ p50 }) => p50)),
    p90: medians(minutes.map(({ p90 }) => p90)),
    p99: medians(minutes.map(({ p99 }) => p99)),
    sourceShares: medians(minutes.map(({ sourceShares }) => sourceShares)),
    ...told('rate', minutes.map(rateOf)),
    ...told('memory', memory),
    ...told('ctr', of('ctr')),
    ...told('calibration', of('calibration')),
  }
}

/** Slates per second. */
export const rateOf = ({ slates, seconds }: Minute): number => slates / seconds

function told<Name extends string>(name: Name, values: readonly number[]): { [name in Name]?: number } {
  return values.length < MINUTES_LEAST ? {} : ({ [name]: median(values) } as { [name in Name]: number })
}

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
