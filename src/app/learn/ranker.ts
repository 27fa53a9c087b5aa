import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SluiceError } from '../../foundation/base/index.ts'
import { type RankerArtifact, readRanker, writeRanker } from '../../learning/models/index.ts'
import { runGates, type Draft } from '../../learning/registry/index.ts'
import {
  configOf,
  featureDrift,
  featureReference,
  flatMetrics,
  type HeadMetrics,
  measureRanker,
  progressLine,
  type RankingRun,
  type RecipeName,
  runLine,
  trainRanker,
  writeTrainable,
} from '../../learning/training/index.ts'
import { readRankerArtifact } from '../../serving/inference/index.ts'
import { bootstrapClicks } from '../../serving/ranking/index.ts'
import type { SampleExpectations } from '../../stream/samples/index.ts'
import { REFERENCE_FILE } from '../observe/trained-reference.ts'
import { computeOf } from './compute.ts'
import { continued } from './continued.ts'
import { rankerEntry } from './ranker-entry.ts'
import type { TrainOptions, TrainReport } from './report.ts'
import { rivalOf } from './rival.ts'
import { RunRecord } from './run-record.ts'
import { epochOf, told } from './told.ts'
import type { Material, Workshop } from './workshop.ts'

/** Impressions below which a ranking model has nothing to learn. */
const IMPRESSIONS_LEAST = 2000
/** Share of the days between the first and the last request that may be without one, where slates were logged. */
const EMPTY_DAYS = 1 / 3

/**
 * Trains a ranking model on a folder's slates and their outcomes (or, where nobody wrote down what was shown, on what was
 * consumed against drawn negatives), judges it on the latest tenth, registers it with its gates' verdicts, and makes it
 * live when all passed. A run that was killed goes on from its last checkpoint.
 * @throws SluiceError ERR_TRAIN_DATA, ERR_SAMPLES_INVALID, ERR_GRADIENT_NOT_FINITE, ERR_DISK_WRITE
 */
export async function trainRankerModel(
  recipe: Exclude<RecipeName, 'coarse'>,
  options: TrainOptions,
  workshop: Workshop,
): Promise<TrainReport> {
  const began = performance.now()
  const { seed = recipe, epochs, onProgress, signal } = options
  const settings = { ...options.config.learning.settings[recipe], ...options.settings }
  const material = await workshop.material()
  const { samples, facts } = material
  if (samples.impressions < IMPRESSIONS_LEAST) {
    const found = `${samples.impressions}`
    throw new SluiceError('ERR_TRAIN_DATA', [
      options.data,
      `${IMPRESSIONS_LEAST} impressions with their outcomes`,
      found,
    ])
  }
  const folder = workshop.work(recipe)
  const record = new RunRecord(folder)
  const checkpoints = join(folder, 'checkpoints')
  const run = await continued(checkpoints, record, () =>
    trainRanker({
      ...{ recipe, samples, facts, folder: checkpoints, ...computeOf(options) },
      config: { seed, ...configOf(recipe, settings), ...(epochs !== undefined && { epochs }) },
      expectations: expectationsOf(material),
      ...(signal && { signal }),
      onProgress: (progress) => {
        record.line(progressLine(progress))
        const auc = progress.metrics?.['click']?.auc
        onProgress?.(told(epochOf(recipe, progress), progress, auc ? { name: 'auc', value: auc.value } : undefined))
      },
    }),
  )
  if (!run.done) throw new SluiceError('ERR_TRAIN_STOPPED', [recipe])
  record.line(runLine(run))
  onProgress?.({ phase: `${recipe}: gates`, done: 0, total: 1 })

  const draft = workshop.draft(recipe)
  const { artifact: live } = await workshop.registry.loadLive(recipe)
  const reread = throughFiles(draft, run.artifact)
  writeTrainable(run.config, run.learned, (file) => draft.path(file))
  const judgedFrom = run.split.test.reduce(
    (first, request) => Math.min(first, samples.at(request)),
    samples.at(samples.requests - 1) + 1,
  )
  const { drawn, heldFrom, served } = material
  const rival = await rivalOf(workshop.registry, live, judgedFrom, heldFrom !== undefined)
  const known = rival?.artifact.manifest.features.digest === samples.header.featureDigest ? rival : undefined
  const clicks = bootstrapClicks(options.config, samples.header.featureNames) // what serves while nothing else does
  const { measurements, figures } = await measureRanker(
    { ...run, artifact: reread },
    {
      ...{ samples, facts, baseline: { name: 'the bootstrap ranker', score: ({ features }) => clicks(features) } },
      ...(known && { live: { name: known.name, artifact: readRankerArtifact(known.artifact) } }),
    },
  )
  const drift = featureDrift(samples, run.split.train, run.split.test)
  const { calibration } = measurements
  const gates = runGates(
    { ...measurements, ...(calibration && { calibration: { ...calibration, drawn } }), ...(drift && { drift }) },
    { ...options.config.learning.gates, waived: drift ? {} : { drift: 'fewer than 1000 impressions on a side' } },
  )
  record.keep(draft)
  const reference = featureReference(recipe, samples, run.split.train)
  if (reference) writeFileSync(draft.path(REFERENCE_FILE), JSON.stringify(reference))
  const metrics = { ...metricsOf(run), ...figures }
  const chosen = {
    bestEpoch: run.bestEpoch,
    drawn,
    ...(served && { served }),
    ...(heldFrom !== undefined && { heldFrom }),
  }
  const manifest = await draft.commit(
    rankerEntry({
      ...{ artifact: run.artifact, samples, seed, metrics, gates, until: material.until, examples: run.examples },
      learntUntil: judgedFrom,
      parents: live === undefined ? [] : [`${recipe}/${live.manifest.version}`],
      recipe: { ...run.config, ...chosen },
    }),
  )
  const promoted = gates.every((gate) => gate.pass)
  if (promoted) await workshop.registry.promote(recipe, manifest.version, { over: live?.manifest.version })
  rmSync(folder, { recursive: true, force: true })
  const seconds = (performance.now() - began) / 1000
  return { model: recipe, version: manifest.version, examples: run.examples, seconds, metrics, gates, promoted }
}

function expectationsOf({ parts, drawn, days }: Material): SampleExpectations {
  return {
    ranges: parts.features.ranges,
    featureDigest: parts.features.digest, // of what would serve it: samples may come from a file
    samplesMin: IMPRESSIONS_LEAST,
    emptyDaysMax: drawn ? Number.POSITIVE_INFINITY : Math.ceil(days * EMPTY_DAYS),
  }
}

/** The artifact as a server would read it: parity and latency are measured on that. */
export function throughFiles(draft: Draft, artifact: RankerArtifact): RankerArtifact {
  writeRanker(artifact, (file) => draft.path(file))
  return readRanker(artifact.manifest, (file) => draft.path(file))
}

/** Figures of the head that decides under their plain names, and those of every head under `head.figure`. */
export function metricsOf({ metrics, config }: Pick<RankingRun, 'metrics' | 'config'>): Record<string, number> {
  const main = metrics[config.criterion.head] as HeadMetrics | undefined
  const plain = main === undefined ? {} : flatMetrics({ [config.criterion.head]: main })
  const prefix = `${config.criterion.head}.`
  const named = ['auc', 'gauc', 'logloss', 'ece', 'ndcg@10']
    .flatMap((name) => [name, `${name}.low`, `${name}.high`])
    .flatMap((name) => {
      const value = plain[`${prefix}${name}`]
      return value === undefined ? [] : [[name, value] as const]
    })
  return { ...Object.fromEntries(named), ...flatMetrics(metrics) }
}
