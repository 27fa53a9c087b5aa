import fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Clock, systemClock } from '../../../foundation/base/index.ts'
import {
  assertSamples,
  type Dataset,
  firstAt,
  labelsOf,
  type RequestSplit,
  type SampleExpectations,
  type SampleReport,
  splitByTime,
} from '../../../stream/samples/index.ts'
import { type Calibration, fitFeatureSpec, type ItemFacts, type RankerArtifact } from '../../models/index.ts'
import type { Provider } from '../../graph/index.ts'
import { fitCalibration } from '../calibrate.ts'
import type { Learned } from '../checkpoints.ts'
import { completeConfig, type RankingConfig, type RecipeName } from './config.ts'
import { exportRanker } from './export.ts'
import { type HeadMetrics, metricsOf } from './metrics.ts'
import { headPredictions, type Predictions, Predictor } from './predict.ts'
import { learnRanking, type RankingProgress } from './training.ts'
import { withPositionPower } from './weighing.ts'

export interface RankingTask {
  readonly recipe: RecipeName
  readonly samples: Dataset
  readonly facts: ItemFacts
  readonly config?: Partial<RankingConfig>
  /** What the samples must hold to; see `assertSamples`. */
  readonly expectations?: SampleExpectations
  /** Default: by time, in the shares of the configuration. */
  readonly split?: Pick<RequestSplit, 'train' | 'validation' | 'test'>
  /** Where checkpoints lie; a training found there is continued. Default: none that outlive this call. */
  readonly folder?: string
  /** Steps between two checkpoints. Default 1000; one follows each epoch. */
  readonly checkpointSteps?: number
  /** Threads that share each step. Default 1. */
  readonly threads?: number
  /** Where steps are computed. Default 'cpu'. */
  readonly provider?: Provider
  readonly clock?: Clock
  /** Stops between two steps, after a checkpoint. */
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: RankingProgress) => void
}

export interface RankingRun {
  readonly artifact: RankerArtifact
  /** The weights and tables that were exported: for a `Predictor` on other requests. */
  readonly learned: Learned
  readonly config: RankingConfig
  /** On the test part, calibrated: by head. */
  readonly metrics: Readonly<Record<string, HeadMetrics>>
  /** What the metrics were taken from, to compare two models on the same requests. */
  readonly test: Predictions
  readonly split: Pick<RequestSplit, 'train' | 'validation' | 'test'>
  readonly report: SampleReport
  /** Impressions learned from, over all epochs. */
  readonly examples: number
  readonly bestEpoch: number
  /** False when the signal stopped it: then it is the best so far. */
  readonly done: boolean
  readonly seconds: number
}

/**
 * Trains a ranking model on samples: fits the specification, learns, validates after each epoch, goes back to the best
 * one, fits the calibration on the validation part, judges on the test part, exports. Equal tasks give equal artifacts to
 * the bit, however often a run is killed and continued from its folder. Runs on the calling thread.
 *
 * @throws SluiceError ERR_SAMPLES_INVALID when the samples cannot be learned from, ERR_GRADIENT_NOT_FINITE when it
 * diverges, ERR_MODEL_INVALID when the folder belongs to another task
 */
export async function trainRanker(task: RankingTask): Promise<RankingRun> {
  const { recipe, samples, facts, threads = 1, provider = 'cpu', clock = systemClock } = task
  const asked = completeConfig(recipe, task.config)
  const began = clock.ticks()
  const report = assertSamples(samples, task.expectations)
  const split = task.split ?? splitByTime(samples, { validation: asked.validation, test: asked.test })
  const config = withPositionPower(asked, samples, split.train)
  const { history, width, seed } = config
  const cut = firstAt(samples, split.validation.length > 0 ? split.validation : split.test)
  const heads = learnedHeads(samples, split.train, cut)
  const spec = fitFeatureSpec(samples.header, blocksOf(samples, split.train), { history, width, seed })
  const folder = task.folder ?? fs.mkdtempSync(join(tmpdir(), 'sluice-train-'))
  try {
    const { position, learned } = await learnRanking({
      ...{ ...task, folder, config, split, spec, threads, provider, clock },
      ...(cut !== undefined && { cut }),
    })
    const predictor = await Predictor.open(spec, config, learned, facts, threads)
    try {
      const validation = await predictor.predict(samples, split.validation)
      const calibrations = spec.heads.map((_, head): Calibration => {
        const { logits, labels } = headPredictions(validation, head)
        return fitCalibration(config.calibration, logits, labels)
      })
      const test = await predictor.predict(samples, split.test)
      return {
        artifact: exportRanker(recipe, spec, config, learned, { heads, calibrations }),
        learned,
        config,
        metrics: metricsOf(test, calibrations),
        test,
        split,
        report,
        examples: position.examples,
        bestEpoch: position.bestEpoch,
        done: position.done,
        seconds: (clock.ticks() - began) / 1000,
      }
    } finally {
      await predictor.close()
    }
  } finally {
    if (task.folder === undefined) fs.rmSync(folder, { recursive: true, force: true })
  }
}

/** Labels of each of the two kinds that a head needs before it may speak. */
const LABELS_LEAST = 20

/** Heads of which what is learned says both that it happened and that it did not, often enough. */
function learnedHeads(samples: Dataset, train: Uint32Array, cut: number | undefined): string[] {
  return Object.entries(labelsOf(samples, { requestNumbers: train, ...(cut !== undefined && { cut }) }))
    .filter(([, { known, mean }]) => Math.min(mean, 1 - mean) * known >= LABELS_LEAST)
    .map(([name]) => name)
}

function* blocksOf(samples: Dataset, numbers: Uint32Array): Generator<Float32Array> {
  for (const number of numbers) yield samples.request(number).features
}
