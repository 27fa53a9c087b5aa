import type { Sample } from './exposition.ts'
import { CounterSeries, GaugeSeries, HistogramSeries, type Series } from './series.ts'
import { type MetricName, type MetricSpec, metricTable } from './table.ts'

/** Most label combinations of one metric; further ones are refused, so that a mistake cannot fill the memory. */
export const SERIES_MAX = 1000

/** One metric: its series are made once per combination of labels and then found by one look-up per label. */
export class Instrument {
  private readonly name: string
  private readonly spec: MetricSpec
  private readonly bounds: Float64Array
  private readonly root: Level = new Map()
  private readonly made: { readonly labels: readonly string[]; readonly series: Series }[] = []

  constructor(name: string, spec: MetricSpec) {
    this.name = name
    this.spec = spec
    this.bounds = Float64Array.from(spec.buckets ?? [])
    if (spec.labels.length === 0) this.bind([])
  }

  /** Adds to a counter, sets a gauge, observes in a histogram. False when the value or the labels were refused. */
  record(value: number, ...labels: string[]): boolean {
    return this.bind(labels)?.take(value) ?? false
  }

  /** The series of a combination of labels, to be kept by who records often; undefined when it is refused. */
  bind(labels: readonly string[]): Series | undefined {
    let node: Level | Series | undefined = this.root
    if (labels.length === 0) node = this.root.get('')
    for (const label of labels) node = node instanceof Map ? node.get(label) : undefined
    return node === undefined || node instanceof Map ? this.add(labels) : node
  }

  /** In the Prometheus text format; nothing but the head while no series was made. */
  text(): string {
    const lines = [`# HELP ${this.name} ${this.spec.help}`, `# TYPE ${this.name} ${this.spec.type}`]
    for (const { labels, series } of this.made) {
      const pairs = labels.map((label, i) => `${this.spec.labels[i]}="${escaped(label)}"`).join(',')
      for (const { suffix, le, value } of series.parts()) {
        const all = le === undefined ? pairs : `le="${le}"${pairs && ','}${pairs}`
        lines.push(`${this.name}${suffix}${all && `{${all}}`} ${value}`)
      }
    }
    return lines.join('\n')
  }

  /** What the text would say, without the detour. */
  *samples(): Iterable<readonly [name: string, sample: Sample]> {
    for (const { labels, series } of this.made) {
      const named = Object.fromEntries(labels.map((label, i) => [this.spec.labels[i] as string, label]))
      for (const { suffix, le, value } of series.parts())
        yield [this.name + suffix, { labels: le === undefined ? named : { le, ...named }, value }]
    }
  }

  private add(labels: readonly string[]): Series | undefined {
    if (labels.length !== this.spec.labels.length || this.made.length >= SERIES_MAX) return undefined
    const series = this.create()
    const path = labels.length === 0 ? [''] : labels
    let level = this.root
    for (const label of path.slice(0, -1)) {
      let next = level.get(label)
      if (!(next instanceof Map)) level.set(label, (next = new Map()))
      level = next
    }
    level.set(path.at(-1) as string, series)
    this.made.push({ labels: [...labels], series })
    return series
  }

  private create(): Series {
    if (this.spec.type === 'counter') return new CounterSeries()
    return this.spec.type === 'gauge' ? new GaugeSeries() : new HistogramSeries(this.bounds)
  }
}

/** Series by label, one level per label. */
type Level = Map<string, Level | Series>

export type Instruments = Readonly<Record<MetricName, Instrument>>

/** All instruments of the table. */
export function createInstruments(): Instruments {
  const made = Object.entries(metricTable).map(([name, spec]) => [name, new Instrument(name, spec)])
  return Object.fromEntries(made) as Instruments
}

function escaped(label: string): string {
  return label.replace(/[\\"\n]/g, (sign) => (sign === '\n' ? '\\n' : `\\${sign}`))
}
