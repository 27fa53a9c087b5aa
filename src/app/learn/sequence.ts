import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { type TrainingHooks, trainSequence } from '../../learning/training/index.ts'
import { SEQUENCE, type SequenceManifestConfig, writeSequence } from '../../serving/inference/index.ts'
import { SluiceError } from '../../foundation/base/index.ts'
import { VERSION } from '../version.ts'
import { computeOf } from './compute.ts'
import { continued } from './continued.ts'
import type { TrainOptions, TrainReport } from './report.ts'
import { RunRecord } from './run-record.ts'
import { gatesOf, judgeSequence } from './sequence-judge.ts'
import { sequenceLesson } from './sequence-lesson.ts'
import { sequenceRecipe } from './sequence-recipe.ts'
import { epochOf, sequenceTeller, told } from './told.ts'
import type { Workshop } from './workshop.ts'

/** The last item of each history tests, the one before validates; neither is learnt. */
const HELD = 2

/**
 * Trains the sequence model on a data folder's journal, judges it on what was held out, registers it with its gates'
 * verdicts, and makes it live when all passed. A run that was killed goes on from its last checkpoint.
 * @throws SluiceError ERR_TRAIN_DATA when there is too little to learn from
 */
export async function trainSequenceModel(options: TrainOptions, workshop: Workshop): Promise<TrainReport> {
  const { seed = SEQUENCE, onProgress } = options
  const began = performance.now()
  const lesson = await sequenceLesson(options, workshop)
  const { histories, split, cases, state, heldFrom } = lesson

  const work = workshop.work(SEQUENCE)
  const record = new RunRecord(work)
  const checkpoints = join(work, 'checkpoints')
  const hooks: TrainingHooks = {
    ...{ folder: checkpoints, ...computeOf(options) },
    ...(options.signal ? { signal: options.signal } : {}),
    log: sequenceTeller((progress) => {
      record.progress(progress)
      const value = progress.metrics?.['ndcg@10']
      const metric = value === undefined ? undefined : { name: 'ndcg@10', value }
      onProgress?.(told(epochOf(SEQUENCE, progress), progress, metric))
    }),
  }
  const run = await continued(checkpoints, record, () =>
    trainSequence(histories, split, sequenceRecipe(options, histories, seed), hooks),
  )
  if (!run.done && options.signal?.aborted) throw new SluiceError('ERR_TRAIN_STOPPED', [SEQUENCE])
  onProgress?.({ phase: 'sequence: gates', done: 0, total: 1 })
  const { model, recipe, done, seconds } = run
  const { registry } = workshop
  const judged = await judgeSequence(registry, histories, cases, state, model, heldFrom)
  const draft = workshop.draft(SEQUENCE)
  const ids = Array.from({ length: histories.items }, (_, row) => state.items.ids.name(row))
  writeSequence(draft, model, ids)
  const manifestConfig: SequenceManifestConfig = {
    ...{ model: model.config, items: model.items, held: HELD },
    ...(heldFrom !== undefined && { heldFrom }),
  }
  const gates = await gatesOf({
    ...{ judged, histories, cases, model, draft, config: manifestConfig },
    limits: options.config.learning.gates,
  })
  const examples = histories.item.length
  const bestEpoch = run.bestEpoch + 1 // counted from 1 in records
  record.end({ name: SEQUENCE, config: recipe, metrics: judged.metrics, examples, bestEpoch, done, seconds })
  record.keep(draft)
  const manifest = await draft.commit({
    kind: SEQUENCE,
    parents: judged.live === undefined ? [] : [`${SEQUENCE}/${judged.live}`],
    seed,
    code: VERSION,
    data: { from: 0, until: lesson.until, samples: `${cases.targets.length} users`, examples },
    features: { names: [], digest: 'none' },
    inputs: [{ name: 'history', type: 'float32', shape: [1, model.config.length, model.config.width] }],
    outputs: [{ name: 'user', type: 'float32', shape: [model.config.width] }],
    config: { ...manifestConfig, recipe, bestEpoch: run.bestEpoch, ...(lesson.past && { served: lesson.past.report }) },
    metrics: judged.metrics,
    gates,
  })
  const promoted = gates.every((gate) => gate.pass)
  if (promoted) await registry.promote(SEQUENCE, manifest.version, { over: judged.live })
  rmSync(work, { recursive: true, force: true })
  return {
    model: SEQUENCE,
    version: manifest.version,
    examples,
    seconds: (performance.now() - began) / 1000,
    metrics: judged.metrics,
    gates,
    promoted,
  }
}
