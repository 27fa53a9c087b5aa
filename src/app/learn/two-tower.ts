import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { SluiceError } from '../../foundation/base/index.ts'
import { writeTwoTower } from '../../learning/models/index.ts'
import { towerChoices, writeTrainable } from '../../learning/training/index.ts'
import { TWO_TOWER, type TwoTowerEntry } from '../../serving/inference/index.ts'
import { VERSION } from '../version.ts'
import { continued } from './continued.ts'
import type { TrainOptions, TrainReport } from './report.ts'
import { fairTowers } from './rival.ts'
import { RunRecord } from './run-record.ts'
import { epochOf, told } from './told.ts'
import { judgeTowers, retrievalFigures } from './two-tower-judge.ts'
import { learnTowers, towerLesson } from './two-tower-lesson.ts'
import type { Workshop } from './workshop.ts'

/** The last item of each history tests, the one before validates; neither is learnt. */
const HELD = 2

/**
 * Trains the two towers on what users of a folder consumed, judges them on each user's last item, registers them with
 * their gates' verdicts, and makes them live when all passed. A run that was killed goes on from its last checkpoint.
 * @throws SluiceError ERR_TRAIN_DATA when there is too little to learn from, ERR_TRAIN_STOPPED
 */
export async function trainTwoTowerModel(options: TrainOptions, workshop: Workshop): Promise<TrainReport> {
  const { config, seed = TWO_TOWER, onProgress } = options
  const began = performance.now()
  const chosen = towerChoices({ ...config.learning.settings[TWO_TOWER], ...options.settings })
  const lesson = await towerLesson({ ...options, seed }, chosen, workshop)
  const { data, past, heldFrom } = lesson

  const work = workshop.work(TWO_TOWER)
  const record = new RunRecord(work)
  const checkpoints = join(work, 'checkpoints')
  const run = await continued(checkpoints, record, () =>
    learnTowers(data, { ...options, seed }, chosen, {
      folder: checkpoints,
      onProgress: (progress) => {
        record.progress(progress)
        const value = progress.metrics?.['recall@100']
        const metric = value === undefined ? undefined : { name: 'recall@100', value }
        onProgress?.(told(epochOf(TWO_TOWER, progress), progress, metric))
      },
    }),
  )
  if (!run.done) throw new SluiceError('ERR_TRAIN_STOPPED', [TWO_TOWER])
  onProgress?.({ phase: `${TWO_TOWER}: gates`, done: 0, total: 1 })

  const { registry } = workshop
  const draft = workshop.draft(TWO_TOWER)
  writeTwoTower(run.artifact, (file) => draft.path(file))
  writeTrainable(run.config, run.learned, (file) => draft.path(file))
  const entry: TwoTowerEntry = {
    ...{ model: run.artifact.manifest, held: HELD, surfaces: data.surfacesMet },
    ...(heldFrom !== undefined && { heldFrom }),
  }
  const { artifact: live } = await registry.loadLive(TWO_TOWER)
  const rival = await fairTowers(registry, live, heldFrom)
  const judged = await judgeTowers({
    ...{ data, run, entry, live: rival, limits: config.learning.gates },
    path: (file) => join(draft.folder, file),
  })
  const { spec } = run.artifact.manifest
  const metrics = { ...retrievalFigures(run.metrics), ...judged.figures }
  const { config: recipe, examples, bestEpoch, done, seconds } = run
  record.end({ name: TWO_TOWER, config: recipe, metrics, examples, bestEpoch, done, seconds })
  record.keep(draft)
  const manifest = await draft.commit({
    kind: TWO_TOWER,
    parents: live === undefined ? [] : [`${TWO_TOWER}/${live.manifest.version}`],
    seed,
    code: VERSION,
    data: { from: 0, until: lesson.until, samples: `${data.train.length} consumptions`, examples: run.examples },
    features: { names: [], digest: spec.featureDigest },
    inputs: [{ name: 'history', type: 'float32', shape: [1, spec.history, spec.width] }],
    outputs: [{ name: 'vectors', type: 'float32', shape: [1, run.config.network.units] }],
    config: { ...entry, recipe: run.config, bestEpoch: run.bestEpoch, ...(past && { served: past.report }) },
    metrics,
    gates: judged.gates,
  })
  const promoted = judged.gates.every((gate) => gate.pass)
  if (promoted) await registry.promote(TWO_TOWER, manifest.version, { over: live?.manifest.version })
  rmSync(work, { recursive: true, force: true })
  return {
    model: TWO_TOWER,
    version: manifest.version,
    examples: run.examples,
    seconds: (performance.now() - began) / 1000,
    metrics,
    gates: judged.gates,
    promoted,
  }
}
