import type { StageReport } from '../domain/index.ts'
import { milliseconds, percent } from './figures.ts'
import { table } from './table.ts'
import type { Terminal } from './terminal.ts'

/** Characters of the longest bar. */
const WIDTH = 48

/** A piece of time of one request. Moments in milliseconds from its arrival. */
interface Bar {
  readonly name: string
  readonly status: string
  readonly at: number
  readonly ms: number
  /** 0: it has none of its own. */
  readonly budget: number
}

/** What a Gantt needs of a source. */
interface SourceTime {
  readonly name: string
  readonly status: string
  /** From the start of retrieval. */
  readonly at: number
  readonly ms: number
}

/**
 * The time of one request as bars: when each stage began and ended, what it had, and what ran beside what. The sources
 * stand below the retrieval they are part of.
 */
export function gantt(terminal: Terminal, stages: readonly StageReport[], sources: readonly SourceTime[] = []): string {
  const bars = [...stages]
    .sort((a, b) => a.at - b.at)
    .flatMap((stage) => [
      { name: stage.stage, ...stage },
      ...(stage.stage === 'retrieve' ? nested(stage, sources) : []),
    ])
  const end = Math.max(0, ...bars.map(({ at, ms }) => at + ms))
  const rows = bars.map((bar) => [
    bar.name,
    milliseconds(bar.at),
    milliseconds(bar.at + bar.ms),
    milliseconds(bar.ms),
    bar.budget > 0 ? milliseconds(bar.budget) : '',
    bar.budget > 0 ? percent(bar.ms / bar.budget, 0) : '',
    drawn(terminal, bar, end),
  ])
  const heads = ['begins', 'ends', 'ms', 'budget', 'used'].map((head) => ({ head, right: true }))
  const { covered, sum } = coverage(stages)
  const beside = Math.max(0, sum - covered) // the difference of two sums can come out a hair below
  const foot = `${milliseconds(end)} ms from arrival to slate; ${milliseconds(beside)} ms ran beside something else`
  return `${table(terminal, [{ head: 'stage' }, ...heads, { head: `0 to ${milliseconds(end)} ms` }], rows)}\n${foot}`
}

function nested(stage: StageReport, sources: readonly SourceTime[]): Bar[] {
  return sources.map(({ name, status, at, ms }) => ({ name: `  ${name}`, status, at: stage.at + at, ms, budget: 0 }))
}

function drawn({ colours }: Terminal, { at, ms, status }: Bar, end: number): string {
  if (end === 0) return ''
  const from = Math.min(WIDTH - 1, Math.floor((at / end) * WIDTH))
  const to = Math.min(WIDTH, Math.max(from + 1, Math.round(((at + ms) / end) * WIDTH)))
  const bar = (ms > 0 ? '█' : '▏').repeat(to - from)
  return ' '.repeat(from) + (status === 'ok' ? bar : `${colours.yellow(bar)} ${status}`)
}

/** Milliseconds in which at least one stage ran, and the sum over all. */
function coverage(stages: readonly StageReport[]): { covered: number; sum: number } {
  let covered = 0
  let sum = 0
  let until = 0
  for (const { at, ms } of [...stages].sort((a, b) => a.at - b.at)) {
    covered += Math.max(0, at + ms - Math.max(at, until))
    until = Math.max(until, at + ms)
    sum += ms
  }
  return { covered, sum }
}
