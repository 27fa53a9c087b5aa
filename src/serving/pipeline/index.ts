export { Candidates } from './candidates.ts'
export type { Check, FeatureReader, Filter, ItemFacts, Pick, Reranker, Retrieved, Scorer, Source } from './contracts.ts'
export type { Query, Viewer } from './query.ts'
