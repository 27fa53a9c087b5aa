export { Candidates, type Predictions, type ScoredBy } from './candidates.ts'
export { checkOf } from './checks.ts'
export type { Check, FeatureReader, Filter, ItemFacts, Pick, Reranker, Retrieved, Scorer, Source } from './contracts.ts'
export {
  completeReading,
  featureGroups,
  type FeatureReading,
  type FeatureStatus,
  missingGroups,
  readingNote,
} from './feature-reading.ts'
export type { Outcome, SourceReport } from './outcome.ts'
export type { Query, Viewer } from './query.ts'
export { Pipeline, type PipelineParts, type Sweep } from './runner.ts'
