export { State } from './fold.ts'
export { Items } from './items.ts'
export { AGE_BANDS, type AppliedEvent, ageBand, type Projection } from './projection.ts'
