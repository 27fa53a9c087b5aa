import type { ModelUpdate } from '../embeddings/index.ts'
import type { FeatureSpec } from './feature-spec.ts'
import type { RequestFacts } from './ranking-rows.ts'

/** One request with its candidates, in rows of users and items. N candidates. */
export interface ScoreRequest extends RequestFacts {
  /** [N] */
  readonly candidates: ArrayLike<number>
  /** [N x columns] as the features give them. */
  readonly features: Float32Array
  /** Bits of the groups of features that are missing: see `missingBits`. Default none. */
  readonly missing?: number
}

/** A ranking model as serving asks it, wherever it was trained. One request at a time. */
export interface HeadScorer {
  readonly manifest: {
    readonly spec: Pick<FeatureSpec, 'heads' | 'groups' | 'history'>
    /** Heads that may speak. */
    readonly learned: readonly string[]
  }
  /** Number of the latest update taken; 0: none. */
  readonly updates: number
  /** [N x heads] probabilities (shares for heads that are shares). */
  score(request: ScoreRequest): Promise<Float32Array>
  /** @throws SluiceError ERR_MODEL_INVALID for one that does not fit */
  update(update: ModelUpdate): Promise<void>
  close(): Promise<void>
}
