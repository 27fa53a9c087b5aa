import type { RankerArtifact } from '../../learning/models/index.ts'
import type { ManifestInput, Verdict } from '../../learning/registry/index.ts'
import { RANKER, type RankerManifestConfig } from '../../serving/inference/index.ts'
import type { Dataset } from '../../stream/samples/index.ts'
import { VERSION } from '../version.ts'

export interface RankerEntry {
  readonly artifact: RankerArtifact
  readonly samples: Dataset
  readonly seed: string
  readonly metrics: Readonly<Record<string, number>>
  readonly gates: readonly Verdict[]
  /** One past the last journal entry that was read. */
  readonly until: number
  readonly examples: number
  /** Moment of the first request that had no part in it: weights, choice of the epoch, calibration. */
  readonly learntUntil: number
  /** NAME/VERSION of what it was made from. */
  readonly parents: readonly string[]
  readonly recipe: object
}

/** What the registry is told of a trained ranking model. */
export function rankerEntry(entry: RankerEntry): ManifestInput {
  const { artifact, samples, seed, metrics, gates, until, examples, learntUntil, parents, recipe } = entry
  const { spec, candidates } = artifact.manifest
  const { header } = samples
  const config: RankerManifestConfig = {
    ranker: artifact.manifest,
    surfaces: header.surfaces,
    kinds: header.kinds,
    learntUntil,
    recipe,
  }
  const most = candidates.at(-1) ?? 0
  return {
    kind: RANKER,
    parents: [...parents],
    seed,
    code: VERSION,
    data: { from: 0, until, samples: `${samples.requests} requests, ${samples.impressions} impressions`, examples },
    features: { names: spec.columns.map(({ name }) => name), digest: spec.featureDigest },
    inputs: [
      { name: 'history', type: 'float32', shape: [1, spec.history, spec.width] },
      { name: 'dense', type: 'float32', shape: [1, most, spec.columns.length] },
    ],
    outputs: [{ name: 'logits', type: 'float32', shape: [1, most, spec.heads.length] }],
    config: { ...config },
    metrics: { ...metrics },
    gates: [...gates],
  }
}
