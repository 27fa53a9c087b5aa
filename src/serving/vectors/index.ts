export { ExactIndex } from './exact.ts'
export { openIndex } from './open-index.ts'
export type { Found, SearchOptions, VectorIndex } from './vector-index.ts'
