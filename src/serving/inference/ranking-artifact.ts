import { SluiceError } from '../../foundation/base/index.ts'
import { type RankerArtifact, type RankerManifest, readRanker } from '../../learning/models/index.ts'
import type { Artifact } from '../../learning/registry/index.ts'

/** Kind of a ranking model's manifest in the registry. */
export const RANKER = 'ranker'

/** What the `config` of a ranking model's manifest says. */
export interface RankerManifestConfig {
  readonly ranker: RankerManifest
  /** Names by code, as the samples had them: another configuration may number them otherwise. */
  readonly surfaces: readonly string[]
  readonly kinds: readonly string[]
  /** Moment, milliseconds, from which on nothing had a part in it (weights, choice, calibration) and may judge it. */
  readonly learntUntil: number
  /** How it was trained. */
  readonly recipe: object
}

export function rankerConfig({ manifest }: Pick<Artifact, 'manifest'>): RankerManifestConfig {
  const { name, version, kind, config } = manifest
  if (kind !== RANKER || typeof config['ranker'] !== 'object')
    throw new SluiceError('ERR_MODEL_MANIFEST', [`${name}/${version}`, `is of a ${kind}, not of a ranking model`])
  return config as unknown as RankerManifestConfig
}

/** @throws SluiceError ERR_MODEL_MANIFEST, ERR_MODEL_INVALID, ERR_EMBEDDINGS_INVALID */
export function readRankerArtifact(artifact: Artifact): RankerArtifact {
  return readRanker(rankerConfig(artifact).ranker, (file) => artifact.path(file))
}
