import fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Clock, hash32, Random, SluiceError, systemClock } from '../../../foundation/base/index.ts'
import {
  assertSamples,
  type Dataset,
  type RequestSplit,
  type SampleExpectations,
  splitByTime,
} from '../../../stream/samples/index.ts'
import {
  fitFeatureSpec,
  type FeatureSpec,
  type ItemFacts,
  specDigest,
  type TwoTowerArtifact,
  TwoTowerEncoder,
} from '../../models/index.ts'
import type { Provider } from '../../graph/index.ts'
import { Checkpoints, type Learned, startOf } from '../checkpoints.ts'
import { type Epochs, runEpochs, type TrainingProgress } from '../epochs.ts'
import { scheduleOf } from '../ranking/training.ts'
import { completeTwoTower, type TwoTowerChoices, type TwoTowerRecipe } from './config.ts'
import { casesFrom, drawCases, type RetrievalCases } from './cases.ts'
import { ranksByTowers, type RetrievalMetrics, retrievalMetrics } from './evaluate.ts'
import { type Examples, examplesOf, Pool } from './examples.ts'
import { exportTwoTower } from './export.ts'
import { TwoTowerLearner } from './learner.ts'
import { towerTables } from './tables.ts'

/** Of a short training, no more than this goes by while the rates rise. */
const WARMUP_SHARE = 0.1

export type TwoTowerProgress = TrainingProgress<RetrievalMetrics>

export interface TwoTowerTask {
  readonly samples: Dataset
  readonly facts: ItemFacts
  /** Rows of the items that are ranked in validation and test: the living ones. */
  readonly catalogue: Uint32Array
  readonly config?: TwoTowerChoices
  readonly expectations?: SampleExpectations
  /** Numbers of the requests to learn from, validate and test on; by time where nothing is said. */
  readonly split?: Pick<RequestSplit, 'train' | 'validation' | 'test'>
  /** What is validated and tested on, in place of the examples of the split. */
  readonly cases?: { readonly validation: RetrievalCases; readonly test: RetrievalCases }
  /** Rows of items that were there to be shown while the samples came about. Default those that samples name. */
  readonly pool?: Uint32Array
  /** Where checkpoints lie; a training found there is continued. Default: none that outlive this call. */
  readonly folder?: string
  /** Steps between two checkpoints. Default 1000; one follows each epoch. */
  readonly checkpointSteps?: number
  /** Threads of the runtime: rows are each other's negatives, so a batch is not parted. Default 1. */
  readonly threads?: number
  /** Where steps are computed. Default 'cpu'. */
  readonly provider?: Provider
  readonly clock?: Clock
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: TwoTowerProgress) => void
}

export interface TwoTowerRun {
  readonly artifact: TwoTowerArtifact
  /** What it was made from: the best epoch's weights. */
  readonly learned: Learned
  readonly config: TwoTowerRecipe
  /** On the test cases. */
  readonly metrics: RetrievalMetrics
  readonly test: RetrievalCases
  /** [test cases] rank of the wanted item, from 1. */
  readonly ranks: Uint32Array
  /** Positives per item row in training. */
  readonly counts: Float64Array
  readonly examples: number
  readonly bestEpoch: number
  readonly done: boolean
  readonly seconds: number
}

/**
 * Trains the two towers on the clicks of samples. Equal tasks give equal artifacts to the bit. The best epoch by recall@100
 * on the validation part is exported.
 *
 * @throws SluiceError ERR_SAMPLES_INVALID without clicks to learn from
 */
export async function trainTwoTower(task: TwoTowerTask): Promise<TwoTowerRun> {
  const { samples, facts, catalogue, threads = 1, provider = 'cpu', clock = systemClock } = task
  const recipe = completeTwoTower(task.config)
  const began = clock.ticks()
  assertSamples(samples, task.expectations)
  const split = task.split ?? splitByTime(samples, { validation: recipe.validation, test: recipe.test })
  const spec = specOf(samples, split.train, recipe)
  const train = examplesOf(samples, split.train)
  if (train.item.length < 2)
    throw new SluiceError('ERR_SAMPLES_INVALID', [`the training part holds ${train.item.length} clicks`])
  const counts = countsOf(train, catalogue)
  const asked = task.cases ?? {
    validation: casesFrom(samples, examplesOf(samples, split.validation)),
    test: casesFrom(samples, examplesOf(samples, split.test)),
  }
  const validation = drawCases(asked.validation, recipe.casesMax, `${recipe.seed}/cases/0`)
  const test = drawCases(asked.test, recipe.casesMax, `${recipe.seed}/cases/1`)
  const ranksOf = async ({ layout, dense, tables }: Learned, cases: RetrievalCases): Promise<Uint32Array> => {
    const weights = { layout, weights: dense.weights }
    const encoder = await TwoTowerEncoder.over(spec, recipe.network, weights, tables, facts, threads)
    try {
      return await ranksByTowers(encoder, cases, catalogue)
    } finally {
      await encoder.close()
    }
  }

  const folder = task.folder ?? fs.mkdtempSync(join(tmpdir(), 'sluice-train-'))
  const checkpoints = new Checkpoints(folder)
  const digest = digestOf(recipe, spec, samples, train)
  const found = checkpoints.latest(digest)
  const position = found?.position ?? startOf(digest)
  const pool = new Pool(samples, split.train, train, task.pool, facts.published)
  const tables = found?.tables ?? towerTables(spec, recipe)
  const learner = await TwoTowerLearner.open(spec, recipe, samples, facts, pool, { threads, provider, tables })
  found?.restore(learner.learned)
  const stepsPerEpoch = Math.ceil(train.item.length / recipe.batch)
  const steps = stepsPerEpoch * recipe.epochs
  const scaleAt = scheduleOf(Math.min(recipe.warmup, Math.ceil(steps * WARMUP_SHARE)), steps)
  const all: Epochs<Uint32Array, RetrievalMetrics> = {
    ...{ epochs: recipe.epochs, patience: recipe.patience, stepsPerEpoch, learned: learner.learned },
    batches: (epoch) => batchesOf(train.item.length, recipe, epoch),
    learn: async (which, step) => {
      const loss = await learner.learn(train, which, step, scaleAt(step))
      return { loss, examples: which.length }
    },
    passed: (which, step) => learner.remember(train, which, step),
    validate: async () => {
      const metrics = retrievalMetrics(validation, await ranksOf(learner.learned, validation), counts)
      return { metrics, value: metrics['recall@100']?.value ?? 0 }
    },
  }
  try {
    const learned = await runEpochs(all, position, checkpoints, { ...task, clock })
    const ranks = await ranksOf(learned, test)
    return {
      artifact: exportTwoTower(spec, recipe, learned),
      learned,
      config: recipe,
      metrics: retrievalMetrics(test, ranks, counts),
      test,
      ranks,
      counts,
      examples: position.examples,
      bestEpoch: position.bestEpoch,
      done: position.done,
      seconds: (clock.ticks() - began) / 1000,
    }
  } finally {
    await learner.close()
    if (task.folder === undefined) fs.rmSync(folder, { recursive: true, force: true })
  }
}

/** Places of the examples of an epoch, shuffled, batch by batch. */
function* batchesOf(examples: number, { batch, seed }: TwoTowerRecipe, epoch: number): Generator<Uint32Array> {
  const order = new Random(`${seed}/epoch/${epoch}`).shuffle(Uint32Array.from({ length: examples }, (_, i) => i))
  for (let from = 0; from < examples; from += batch) yield order.subarray(from, from + batch)
}

/** Examples per item row, up to the last of the catalogue. */
function countsOf({ item }: Examples, catalogue: Uint32Array): Float64Array {
  const counts = new Float64Array(catalogue.reduce((a, b) => Math.max(a, b), -1) + 1)
  for (const row of item) if (row < counts.length) counts[row]++
  return counts
}

function specOf(samples: Dataset, numbers: Uint32Array, { history, width, seed }: TwoTowerRecipe): FeatureSpec {
  function* blocks(): Generator<Float32Array> {
    for (const number of numbers) yield samples.request(number).features
  }
  return fitFeatureSpec(samples.header, blocks(), { history, width, seed })
}

function digestOf(recipe: TwoTowerRecipe, spec: FeatureSpec, samples: Dataset, { item }: Examples): string {
  const text = JSON.stringify([recipe, specDigest(spec), samples.header, samples.impressions, item.length])
  return [0, 1].map((seed) => hash32(text, seed).toString(16).padStart(8, '0')).join('')
}
