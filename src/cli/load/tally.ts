import { build, encodeIntoCompressedBase64, type Histogram } from 'hdr-histogram-js'

export interface Latency {
  readonly mean: number
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly 'p99.9': number
  readonly max: number
}

export interface TallyReport {
  readonly sent: number
  readonly answered: number
  readonly failed: number
  /** Milliseconds from when the request was due until its answer was read; failures included. */
  readonly latencyMs: Latency
  readonly errors: Readonly<Record<string, number>>
  /** Share of the answers by rung. */
  readonly rungs: Readonly<Record<string, number>>
  /** All of `latencyMs` in microseconds, as HdrHistogram's compressed V2 encoding in base64. */
  readonly histogram: string
}

/** Longest latency told apart: ten minutes, in microseconds. */
const LONGEST_US = 600_000_000

/** Counts requests of one sort: latency to three digits, errors by code, answers by rung. */
export class Tally {
  private readonly histogram: Histogram = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: LONGEST_US,
    numberOfSignificantValueDigits: 3,
  })
  private answered = 0
  private readonly errors = new Map<string, number>()
  private readonly rungs = new Map<string, number>()

  answer(ms: number, rung?: string): void {
    this.record(ms)
    this.answered++
    if (rung !== undefined) add(this.rungs, rung)
  }

  /** A failure takes its time too: leaving it out would make a failing server look fast. */
  fail(ms: number, code: string): void {
    this.record(ms)
    add(this.errors, code)
  }

  report(): TallyReport {
    const failed = [...this.errors.values()].reduce((sum, count) => sum + count, 0)
    const withRung = [...this.rungs.values()].reduce((sum, count) => sum + count, 0)
    return {
      sent: this.answered + failed,
      answered: this.answered,
      failed,
      latencyMs: latencyOf(this.histogram),
      errors: sorted(this.errors),
      rungs: Object.fromEntries([...this.rungs].sort().map(([rung, count]) => [rung, count / withRung])),
      histogram: encodeIntoCompressedBase64(this.histogram),
    }
  }

  private record(ms: number): void {
    this.histogram.recordValue(Math.min(LONGEST_US, Math.max(1, Math.round(ms * 1000))))
  }
}

/** Milliseconds of a histogram of microseconds; zeros when it is empty. */
function latencyOf(histogram: Histogram): Latency {
  const at = (percentile: number) => histogram.getValueAtPercentile(percentile) / 1000
  const empty = histogram.totalCount === 0
  return {
    mean: empty ? 0 : Math.round(histogram.mean) / 1000,
    p50: at(50),
    p90: at(90),
    p99: at(99),
    'p99.9': at(99.9),
    max: empty ? 0 : histogram.maxValue / 1000,
  }
}

function add(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

function sorted(counts: Map<string, number>): Record<string, number> {
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)))
}
