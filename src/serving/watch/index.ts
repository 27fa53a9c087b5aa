export { Predictions } from './calibration.ts'
export { Watch } from './watch.ts'
export {
  FIRST,
  firstOverlap,
  shareAmong,
  ShadowComparison,
  type ShadowedScores,
  type ShadowFigures,
  spread,
} from './shadow-comparison.ts'
