export { bootstrapCoarse } from './coarse.ts'
export { bootstrapFine } from './fine.ts'
export { reasonFor, type ViewerReason, type Why, whys } from './reasons.ts'
export { type Learned, liveOr } from './live-or.ts'
