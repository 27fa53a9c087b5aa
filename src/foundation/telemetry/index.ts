export {
  type Buckets,
  bucketsOf,
  parseSamples,
  quantileOf,
  type Sample,
  type Samples,
  total,
  totalsBy,
} from './exposition.ts'
export { createLog, type Log, type LogLevel } from './log.ts'
export { type ClicksJudged, createMetrics, type IndexMeasured, type Metrics, type StageMeasured } from './metrics.ts'
export { type Minute, minuteOf, roundedMinute } from './minute.ts'
export { sparingLog } from './sparing-log.ts'
export { openTraces, type Traces, type TracesOptions } from './traces.ts'
export { type MetricName, type MetricSpec, metricTable } from './table.ts'
