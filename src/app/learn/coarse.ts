import { rmSync } from 'node:fs'
import { SluiceError } from '../../foundation/base/index.ts'
import { RankingScorer, ValueModel } from '../../learning/models/index.ts'
import { distil, type DistilRun } from '../../learning/training/index.ts'
import { computeOf } from './compute.ts'
import { judgeCoarse } from './coarse-judge.ts'
import { KEPT, TOP } from './coarse-limits.ts'
import { type Lesson, lessonOf } from './coarse-lesson.ts'
import { rankerEntry } from './ranker-entry.ts'
import type { TrainOptions, TrainReport } from './report.ts'
import { RunRecord } from './run-record.ts'
import { told } from './told.ts'
import type { Workshop } from './workshop.ts'

const COARSE = 'coarse'
/** Passes over the requests in an epoch: each draws other candidates. */
const PASSES = 5

/** What is read for each of a thousand candidates, by name of the feature: cheap, and most of what the fine ranker goes by. */
const FEATURES = [
  'item.ctr',
  'item.completion',
  'item.judgement',
  'item.negative',
  'item.age',
  'item.popularity',
  'affinity.category',
  'affinity.creator',
  'fatigue.item',
  'match',
  'series',
]

/**
 * Distils the coarse ranker from the live fine one: it learns to give a thousand candidates the fine ranker's logits from
 * fewer features and a smaller network, judged by whether what the fine ranker likes best survives the cut.
 * @throws SluiceError ERR_TRAIN_TEACHER when no fine ranker is live, ERR_MODEL_STATE when it comes from outside,
 *   ERR_TRAIN_DATA for too few viewers with candidates
 */
export async function trainCoarseModel(options: TrainOptions, workshop: Workshop): Promise<TrainReport> {
  const began = performance.now()
  const { seed = COARSE, signal } = options
  const { registry } = workshop
  const lesson = await lessonOf(COARSE, { ...options, seed }, workshop)
  const folder = workshop.work(COARSE)
  const record = new RunRecord(folder)
  record.forget() // it has no checkpoint to go on from
  const run = await distilled({ ...options, seed }, lesson, record)
  if (signal?.aborted) throw new SluiceError('ERR_TRAIN_STOPPED', [COARSE])

  const draft = workshop.draft(COARSE)
  const { metrics, gates } = await judgeCoarse({ run, lesson, draft, limits: options.config.learning.gates })
  const { config, examples, seconds } = run
  record.end({ name: COARSE, config, metrics, examples, bestEpoch: config.epochs, done: true, seconds })
  record.keep(draft)
  const { artifact: before } = await registry.loadLive(COARSE)
  const { samples, until, heldFrom } = lesson.material
  const manifest = await draft.commit(
    rankerEntry({
      ...{ artifact: run.artifact, samples, seed, metrics, gates, until, examples },
      learntUntil: lesson.learntUntil,
      parents: [lesson.teacher],
      recipe: { ...config, ...(heldFrom !== undefined && { heldFrom }) },
    }),
  )
  const promoted = gates.every((gate) => gate.pass)
  if (promoted) await registry.promote(COARSE, manifest.version, { over: before?.manifest.version })
  rmSync(folder, { recursive: true, force: true })
  return {
    ...{ model: COARSE, version: manifest.version, examples, metrics, gates, promoted },
    seconds: (performance.now() - began) / 1000,
  }
}

async function distilled(
  options: TrainOptions & { readonly seed: string },
  { artifact, requests, material: { facts, parts } }: Lesson,
  record: RunRecord,
): Promise<DistilRun> {
  const { config, seed, epochs, signal, onProgress } = options
  const { spec, learned } = artifact.manifest
  const teacher = await RankingScorer.open(artifact, facts)
  return distil({
    ...{ teacher, artifact, facts, requests, top: TOP, kept: KEPT, ...computeOf(options) },
    value: new ValueModel(config.objective.values, spec.heads, learned),
    columns: columnsOf(parts.features),
    config: { seed, ...(epochs !== undefined && { epochs: epochs * PASSES }) },
    ...(signal && { signal }),
    onProgress: (progress) => {
      record.progress(progress)
      onProgress?.(told(COARSE, progress))
    },
  }).finally(() => teacher.close())
}

/** Columns of the features that it reads, in the order in which they are served. */
function columnsOf({ definitions }: { readonly definitions: readonly { name: string; dims: readonly string[] }[] }) {
  return definitions.filter(({ name }) => FEATURES.includes(name)).flatMap(({ dims }) => dims)
}
