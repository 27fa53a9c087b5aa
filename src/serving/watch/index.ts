export { binOf, calibrationEdges, Predictions } from './calibration.ts'
export { SCORE, Watch } from './watch.ts'
