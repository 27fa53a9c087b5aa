export { createLog, type Log, type LogLevel } from './log.ts'
export { createMetrics, type Metrics } from './metrics.ts'
export { type MetricName, type MetricSpec, metricTable } from './table.ts'
