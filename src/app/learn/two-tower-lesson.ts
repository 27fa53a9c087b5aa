import { type Config, Kinds } from '../../domain/index.ts'
import { SluiceError } from '../../foundation/base/index.ts'
import {
  type TrainingProgress,
  trainTwoTower,
  type TwoTowerChoices,
  type TwoTowerRecipe,
  type TwoTowerRun,
  twoTowerRecipe,
} from '../../learning/training/index.ts'
import { TWO_TOWER } from '../../serving/inference/index.ts'
import { openReader } from '../ingest/journal.ts'
import { computeOf } from './compute.ts'
import { knownOf, neededOf } from './held-out.ts'
import type { TrainOptions } from './report.ts'
import { type RetrievalData, retrievalData } from './retrieval-data.ts'
import type { ServedPast } from './served-past.ts'
import { retrievalFigures } from './two-tower-judge.ts'
import type { Workshop } from './workshop.ts'

/** Users with at least three items that a model needs. */
const USERS_LEAST = 50
/** Passes at most, and passes without a better validation before it stops. */
const EPOCHS = 10
const PATIENCE = 2
/** Steps that an epoch should have: of a small folder, batches are made smaller for it, down to the least. */
const EPOCH_STEPS = 32
const BATCH_LEAST = 32
/** The surface whose viewers are asked for when it is judged. */
const JUDGED_SURFACE = 'home'

/** What the two towers learn from: consumptions, the last two items of each user held out. */
export interface TowerLesson {
  readonly data: RetrievalData
  readonly past: ServedPast | undefined
  /** One past the last journal entry that was read. */
  readonly until: number
  readonly heldFrom: number | undefined
}

type Asked = Pick<TrainOptions, 'data' | 'config' | 'onProgress' | 'signal' | 'epochs' | 'threads'> & {
  readonly seed: string
}

/** @throws SluiceError ERR_TRAIN_DATA when there is too little to learn from */
export async function towerLesson(
  { data: folder, config, seed, onProgress }: Asked,
  { history = twoTowerRecipe.history }: TwoTowerChoices,
  workshop: Workshop,
): Promise<TowerLesson> {
  const log = await openReader(folder)
  onProgress?.({ phase: `${TWO_TOWER}: read`, done: 0, total: 1 })
  const past = await workshop.served()
  const heldFrom = workshop.heldFrom(log)
  const data = retrievalData(() => knownOf(log, heldFrom), new Kinds(config.events.kinds), {
    ...{ history, surfaces: Object.keys(config.surfaces), surface: JUDGED_SURFACE, seed },
    ...(past && { near: (slate: string) => past.near(slate) }),
  })
  const users = data.cases.validation.wanted.length
  if (users < USERS_LEAST) {
    const needed = neededOf(`${USERS_LEAST} users with three items`, heldFrom)
    throw new SluiceError('ERR_TRAIN_DATA', [folder, needed, String(users)])
  }
  return { data, past, until: log.next, heldFrom }
}

interface Hooks {
  /** Where checkpoints lie; without, none outlive the call. */
  readonly folder?: string
  readonly onProgress?: (progress: TrainingProgress<Readonly<Record<string, number>>>) => void
}

export function learnTowers(
  data: RetrievalData,
  asked: Asked,
  chosen: TwoTowerChoices,
  { folder, onProgress }: Hooks = {},
): Promise<TwoTowerRun> {
  const { seed, epochs = chosen.epochs ?? EPOCHS, signal } = asked
  const none = new Uint32Array(0)
  return trainTwoTower({
    ...{ samples: data.samples, facts: data.facts, catalogue: data.catalogue, pool: data.catalogue },
    ...(folder !== undefined && { folder }),
    ...computeOf(asked),
    split: { train: data.train, validation: none, test: none },
    cases: data.cases,
    config: {
      ...{ patience: PATIENCE, ...chosen },
      ...batchesFor(data, { ...asked.config.learning.negatives, ...chosen }),
      ...{ epochs, seed },
    },
    // Imports have quiet days and bursts of one second; there are no impressions that were not clicked.
    expectations: { emptyDaysMax: Number.POSITIVE_INFINITY, duplicatesMax: 1, positivesOnly: true },
    ...(signal && { signal }),
    onProgress: ({ metrics, ...progress }) =>
      onProgress?.({ ...progress, ...(metrics && { metrics: retrievalFigures(metrics) }) }),
  })
}

/** The configured mix for batches that fit the folder. Where no near miss is known, none is drawn. */
function batchesFor(
  { train, samples }: RetrievalData,
  { inBatch, uniform, hard, batch: asked }: Config['learning']['negatives'] & Pick<TwoTowerChoices, 'batch'>,
): Pick<TwoTowerRecipe, 'batch' | 'inBatch' | 'uniform' | 'hard'> {
  const wanted = 2 ** Math.floor(Math.log2(Math.max(1, train.length / EPOCH_STEPS)))
  const batch = asked ?? Math.max(BATCH_LEAST, Math.min(twoTowerRecipe.batch, wanted))
  const known = samples.chunks.some(({ nears }) => nears.item.length > 0)
  return { batch, inBatch, uniform: Math.round(batch * uniform), hard: known ? Math.round(batch * hard) : 0 }
}
