import type { ModelUpdate } from '../../learning/embeddings/index.ts'
import type { Artifact, Expectation } from '../../learning/registry/index.ts'

/** A place in the serving path that the live version of a registered model takes. */
export interface LiveModel {
  /** Name in the registry; undefined when the configuration leaves the place to the rung below. */
  readonly model: string | undefined
  /** The version in use, or undefined. */
  readonly version: string | undefined
  /** The version on its way: it takes over by itself when it is whole. The one in use answers until then. */
  readonly coming?: string | undefined
  /** What a version must hold to. */
  readonly expected?: Expectation
  /** The version before, where it can be kept whole beside the one in use. */
  readonly earlier?: EarlierVersion
  /** A version that is asked beside the one in use and answers nobody, where one can be. */
  readonly shadow?: ShadowVersion
  /**
   * Takes a version into use, loaded and warm, between two requests; undefined: none. The one before finishes what it is
   * doing. A version that needs long to be whole is `coming` until then, and this does not wait for it. @throws SluiceError for a version that cannot serve: then the one before stays
   */
  use(artifact: Artifact | undefined): Promise<void>
  /**
   * Takes what was learned online since the version in use, wholly and between two requests. @throws SluiceError for an
   * update that does not fit: then nothing has changed
   */
  learn?(update: ModelUpdate): Promise<void>
}

/** A version in the shadow of the one in use. */
export interface ShadowVersion {
  /** Undefined: none. */
  readonly version: string | undefined
  /** Takes a version into the shadow, loaded and warm; undefined: none. @throws Error for one that cannot score: then the one before stays */
  use(artifact: Artifact | undefined): Promise<void>
}

/** The version that was in use before, whole and in step with what changes: the way back is one assignment. */
export interface EarlierVersion {
  /** What `back` goes to; undefined: nothing is at hand. */
  readonly version: string | undefined
  /** What should be at hand and is not, after a restart: `keep` it. */
  readonly wanted: string | undefined
  /** Between two requests. The one in use is then the one at hand. */
  back(): Promise<void>
  /** Opens a version beside the one in use. @throws SluiceError for files that do not fit */
  keep(artifact: Artifact): Promise<void>
  /** Lets go of what is kept no longer. */
  tidy(): Promise<void>
}
