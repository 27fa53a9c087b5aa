import { SluiceError, Turns } from '../../foundation/base/index.ts'
import {
  ExternalScorer,
  type HeadScorer,
  type ItemFacts,
  RankingScorer,
  type ScoreRequest,
} from '../../learning/models/index.ts'
import type { Artifact } from '../../learning/registry/index.ts'
import type { Features, FeatureSelection } from '../../stream/features/index.ts'
import { EXTERNAL, readExternal } from './external-artifact.ts'
import { rankerConfig, readRankerArtifact } from './ranking-artifact.ts'
import { codesOf, type RankingCodes } from './ranking-request.ts'

/** A version of a ranking model, loaded and warm, with what it takes to ask it. */
export interface HeldRanker extends RankingCodes {
  readonly version: string
  /** MODEL/VERSION. */
  readonly name: string
  readonly scorer: HeadScorer
  readonly turns: Turns
  /** Its columns when they are not all that are served. */
  readonly selection: FeatureSelection | undefined
}

/** @throws SluiceError ERR_MODEL_MANIFEST, ERR_MODEL_INVALID, ERR_MODEL_FEATURES, ERR_EMBEDDINGS_INVALID */
export async function holdRanker(artifact: Artifact, features: Features, facts: ItemFacts): Promise<HeldRanker> {
  if (artifact.manifest.kind === EXTERNAL) return holdExternal(artifact, features)
  const { name, version } = artifact.manifest
  const { surfaces, kinds } = rankerConfig(artifact)
  const read = readRankerArtifact(artifact)
  const columns = read.manifest.spec.columns.map((column) => column.name)
  const selection = selectionOf(`${name}/${version}`, columns, features)
  const scorer = await RankingScorer.open(read, facts, { featureDigest: features.digest })
  for (const size of read.manifest.candidates) await scorer.logits(warmUp(size, columns.length))
  return {
    version,
    name: `${name}/${version}`,
    scorer,
    turns: new Turns(),
    selection,
    surfaces: codesOf(surfaces),
    kinds: codesOf(kinds),
  }
}

/** A model from outside: of the features that have a column of it, all columns are read. */
async function holdExternal(artifact: Artifact, features: Features): Promise<HeldRanker> {
  const { version } = artifact.manifest
  const name = `${artifact.manifest.name}/${version}`
  const { contract, file } = readExternal(artifact)
  const selection = selectionFor(contract.features.columns, features)
  const ground = { columns: selection?.names ?? features.names, featureDigest: features.digest }
  const scorer = await ExternalScorer.open(name, contract, file, ground)
  try {
    await scorer.score(warmUp(1, ground.columns.length))
  } catch (error) {
    await scorer.close()
    throw error
  }
  return { version, name, scorer, turns: new Turns(), selection, surfaces: new Map(), kinds: new Map() }
}

function selectionFor(columns: readonly string[], features: Features): FeatureSelection | undefined {
  const chosen = features.definitions.filter(({ dims }) => dims.some((name) => columns.includes(name)))
  return chosen.length === features.definitions.length ? undefined : features.select(chosen.map(({ name }) => name))
}

/** Whole features, so that what it reads lies as it learned it. */
function selectionOf(model: string, columns: readonly string[], features: Features): FeatureSelection | undefined {
  if (columns.length === features.names.length && columns.every((name, i) => name === features.names[i]))
    return undefined
  const chosen = features.definitions.filter(({ dims }) => dims.some((name) => columns.includes(name)))
  const selection = features.select(chosen.map(({ name }) => name))
  if (selection.names.join() !== columns.join())
    throw new SluiceError('ERR_MODEL_MANIFEST', [model, 'reads columns that are no whole features in their order'])
  return selection
}

function warmUp(candidates: number, columns: number): ScoreRequest {
  return {
    user: -1,
    at: 0,
    surface: 0,
    history: { items: [], ago: [], kinds: [], completions: [] },
    candidates: new Int32Array(candidates).fill(-1),
    features: new Float32Array(candidates * columns),
  }
}
