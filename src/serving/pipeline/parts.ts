import type { Clock } from '../../foundation/base/index.ts'
import type { Profile, Quality } from '../../domain/index.ts'
import type { FeatureReader, Filter, Reranker, Scorer, Source, Supply } from './contracts.ts'
import type { ScoreCache } from './score-cache.ts'
import type { Choose } from './ways.ts'

/** What a pipeline is made of. */
export interface PipelineParts {
  readonly sources: Readonly<Record<string, Source>>
  readonly filters: readonly Filter[]
  readonly coarse: Scorer
  /** Takes the place of a coarse rank that fails: set by hand, asks nobody. */
  readonly coarseSimple?: Scorer
  readonly features: FeatureReader
  readonly fine: Scorer
  /** Ranks without online features, when those cannot be had. */
  readonly degraded?: Scorer
  /** Takes the place of a fine rank that fails while there are features: set by hand, asks nobody. */
  readonly simple?: Scorer
  readonly reranker: Reranker
  readonly supply: Supply
  /** Sources whose candidates have slots of their own: they are not cut by the coarse rank. */
  readonly reserved: readonly string[]
  /** Scores that serve more than one request; missing: each is scored. */
  readonly scores?: ScoreCache
  /** Milliseconds by stage. */
  readonly budgets: Profile
  /** Worth of each rung to the primary metric: an order that is worth less than what is ready gives way to it. */
  readonly quality?: Quality
  /** Which way of ranking to try first; by default the first. */
  readonly choose?: Choose
  /** How many item rows there are: answers of sources are held against it. */
  readonly rows?: () => number
  readonly clock?: Clock
}
