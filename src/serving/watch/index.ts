export { binOf, calibrationEdges, Predictions } from './calibration.ts'
export type { DriftReference } from './drift.ts'
export { SCORE, Watch } from './watch.ts'
