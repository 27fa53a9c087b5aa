import { existsSync } from 'node:fs'
import { SECOND, SluiceError } from '../../foundation/base/index.ts'
import { type Config, Kinds } from '../../domain/index.ts'
import { factsOf, writeRanker, writeTwoTower } from '../../learning/models/index.ts'
import type { Artifact } from '../../learning/registry/index.ts'
import {
  consumptionFeed,
  exportRanker,
  exportTwoTower,
  type OnlineLearner,
  OnlineRanker,
  OnlineTowers,
  rankingFeed,
  readTrainable,
  readTrainableTowers,
  type SampleFeed,
  writeTrainable,
} from '../../learning/training/index.ts'
import { rankerConfig, TWO_TOWER, type TwoTowerEntry } from '../../serving/inference/index.ts'
import { State } from '../../stream/catalog/index.ts'
import { ContentVectors, Features, Histories } from '../../stream/features/index.ts'
import type { LearnedOnline } from './online-version.ts'

/** A version that learns on, and what it learns from. */
export interface OnlineLesson {
  readonly feed: SampleFeed
  readonly learner: OnlineLearner &
    Pick<OnlineRanker | OnlineTowers, 'examples' | 'rebase' | 'close'> & { forget(ageMs: number): number }
  readonly learned: LearnedOnline
}

export interface LessonOptions {
  readonly config: Config
  readonly model: string
  readonly windowSeconds: number
}

/** @throws SluiceError ERR_MODEL_FEATURES for a version of other features, ERR_MODEL_INVALID, ERR_EMBEDDINGS_INVALID */
export const openLesson = (options: LessonOptions, artifact: Artifact): Promise<OnlineLesson> =>
  options.model === TWO_TOWER ? ofTowers(options, artifact) : ofRanker(options, artifact)

async function ofRanker({ config, model, windowSeconds }: LessonOptions, artifact: Artifact): Promise<OnlineLesson> {
  const { version } = artifact.manifest
  const { ranker } = rankerConfig(artifact)
  const surfaces = Object.keys(config.surfaces)
  const state = new State(new Kinds(config.events.kinds))
  const features = new Features(state, config.ranking, surfaces)
  if (features.digest !== ranker.spec.featureDigest)
    throw new SluiceError('ERR_MODEL_FEATURES', [`${model}/${version}`, ranker.spec.featureDigest, features.digest])
  const learner = await OnlineRanker.open(
    version,
    ranker,
    readTrainable(model, ranker.spec, (file) => existing(artifact, file)),
    factsOf(state, features.vectors),
  )
  const windows = { attributionMs: windowSeconds * SECOND, returnMs: 0 }
  return {
    feed: rankingFeed({ state, features }, { surfaces, keepOpen: true, ...windows }),
    learner,
    learned: {
      get examples() {
        return learner.examples
      },
      write: (draft, learntUntil) => {
        const { name, spec, learned: heads, calibrations, candidates } = learner.manifest
        const made = exportRanker(name, spec, learner.config, learner.learned, { heads, calibrations, candidates })
        writeRanker(made, (file) => draft.path(file))
        writeTrainable(learner.config, learner.learned, (file) => draft.path(file))
        return { ranker: made.manifest, learntUntil }
      },
    },
  }
}

/** Towers know no windows: what is consumed is learned from as it comes. */
async function ofTowers({ config }: LessonOptions, artifact: Artifact): Promise<OnlineLesson> {
  const { version } = artifact.manifest
  const { model, surfaces } = artifact.manifest.config as unknown as TwoTowerEntry
  const state = new State(new Kinds(config.events.kinds))
  const histories = new Histories()
  const vectors = new ContentVectors(state.items)
  const learner = await OnlineTowers.open(
    version,
    model,
    readTrainableTowers(model.spec, (file) => existing(artifact, file)),
    { facts: factsOf(state, vectors), living: state.items },
  )
  // Codes as the towers were trained with: a surface that they have not met is none.
  const feed = consumptionFeed(state, histories, { history: model.spec.history, surfaces: surfaces.slice(1) }, learner)
  state.add(vectors)
  return {
    feed,
    learner,
    learned: {
      get examples() {
        return learner.examples
      },
      write: (draft) => {
        const made = exportTwoTower(model.spec, learner.config, learner.learned)
        writeTwoTower(made, (file) => draft.path(file))
        writeTrainable(learner.config, learner.learned, (file) => draft.path(file))
        return { model: made.manifest, held: 0, heldFrom: undefined } // nothing that came was left out
      },
    },
  }
}

function existing(artifact: Artifact, file: string): string | undefined {
  if (!artifact.manifest.files.some(({ name }) => name === file)) return undefined
  const path = artifact.path(file)
  return existsSync(path) ? path : undefined
}
