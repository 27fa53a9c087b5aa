export { Candidates, type Predictions } from './candidates.ts'
export { checkOf, policyOf, stays } from './checks.ts'
export type {
  Check,
  FeatureReader,
  Filter,
  ItemFacts,
  Pick,
  Reranker,
  Retrieved,
  Scorer,
  Source,
  Supply,
} from './contracts.ts'
export {
  completeReading,
  featureGroups,
  type FeatureReading,
  type FeatureStatus,
  missingGroups,
} from './feature-reading.ts'
export { clickOf, type Outcome, type OutcomeFacts, partsOf, type RankedFacts, type SourceReport } from './outcome.ts'
export { Outlook } from './outlook.ts'
export { orderOf } from './order.ts'
export type { PipelineParts } from './parts.ts'
export type { Query, QueryFacts, Viewer } from './query.ts'
export { Pipeline } from './runner.ts'
export { ScoreCache } from './score-cache.ts'
export type { Choose, Way } from './ways.ts'
