import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import { type MetricName, type MetricSpec, metricTable } from './table.ts'

/** Most label combinations of one metric; further ones are refused, so that a mistake cannot fill the memory. */
export const SERIES_MAX = 1000

/** One metric whose children are bound once per combination of labels: the hot path does one map look-up. */
export interface Instrument {
  /** Adds to a counter, sets a gauge, observes in a histogram. False when the value or the labels were refused. */
  record(value: number, ...labels: string[]): boolean
}

type Child = (value: number) => void

/** All instruments of the table, in one registry. */
export function instrumentsIn(registry: Registry): Readonly<Record<MetricName, Instrument>> {
  const made: Partial<Record<MetricName, Instrument>> = {}
  for (const name of Object.keys(metricTable) as MetricName[])
    made[name] = instrument(name, metricTable[name], registry)
  return made as Record<MetricName, Instrument>
}

function instrument(name: string, spec: MetricSpec, registry: Registry): Instrument {
  const bind = binder(name, spec, registry)
  const children = new Map<string, Child>()
  if (spec.labels.length === 0) children.set('', bind([]))
  return {
    record(value, ...labels) {
      if (!Number.isFinite(value) || (value < 0 && spec.type !== 'gauge')) return false
      const key = labels.join('\n')
      let child = children.get(key)
      if (child === undefined) {
        if (labels.length !== spec.labels.length || children.size >= SERIES_MAX) return false
        child = bind(labels)
        children.set(key, child)
      }
      child(value)
      return true
    },
  }
}

function binder(name: string, spec: MetricSpec, registry: Registry): (labels: string[]) => Child {
  const options = { name, help: spec.help, labelNames: [...spec.labels], registers: [registry] }
  if (spec.type === 'counter') {
    const counter = new Counter(options)
    return (labels) => {
      const child = counter.labels(...labels)
      return (value) => child.inc(value)
    }
  }
  if (spec.type === 'gauge') {
    const gauge = new Gauge(options)
    return (labels) => {
      const child = gauge.labels(...labels)
      return (value) => child.set(value)
    }
  }
  const histogram = new Histogram({ ...options, buckets: [...(spec.buckets ?? [])] })
  return (labels) => {
    const child = histogram.labels(...labels)
    return (value) => child.observe(value)
  }
}
