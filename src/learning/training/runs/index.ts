export { type RunEnd, type RunPoint, type RunRecord, readRecord } from './record.ts'
export { sparkline } from './sparkline.ts'
export { runPage, sweepPage } from './views.ts'
