import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { SluiceError } from '../../foundation/base/index.ts'
import { type Config, Kinds } from '../../domain/index.ts'
import { writeTwoTower } from '../../learning/models/index.ts'
import {
  towerChoices,
  trainTwoTower,
  type TwoTowerChoices,
  type TwoTowerRecipe,
  type TwoTowerRun,
  twoTowerRecipe,
} from '../../learning/training/index.ts'
import { TWO_TOWER, type TwoTowerEntry } from '../../serving/inference/index.ts'
import { openReader } from '../ingest/journal.ts'
import { VERSION } from '../version.ts'
import { computeOf } from './compute.ts'
import { continued } from './continued.ts'
import { knownOf, knowsNoMore, neededOf } from './held-out.ts'
import type { TrainOptions, TrainReport } from './report.ts'
import { type RetrievalData, retrievalData } from './retrieval-data.ts'
import { RunRecord } from './run-record.ts'
import { epochOf, told } from './told.ts'
import { judgeTowers, retrievalFigures } from './two-tower-judge.ts'
import type { Workshop } from './workshop.ts'

/** Users with at least three items that a model needs. */
export const USERS_LEAST = 50
/** The last item of each history tests, the one before validates; neither is learnt. */
const HELD = 2
/** Passes at most, and passes without a better validation before it stops. */
const EPOCHS = 10
const PATIENCE = 2
/** Steps that an epoch should have: of a small folder, batches are made smaller for it, down to the least. */
const EPOCH_STEPS = 32
const BATCH_LEAST = 32
/** The surface whose viewers are asked for when it is judged. */
const JUDGED_SURFACE = 'home'

/**
 * Trains the two towers on what users of a folder consumed, judges them on each user's last item, registers them with
 * their gates' verdicts, and makes them live when all passed. A run that was killed goes on from its last checkpoint.
 * @throws SluiceError ERR_TRAIN_DATA when there is too little to learn from, ERR_TRAIN_STOPPED
 */
export async function trainTwoTowerModel(options: TrainOptions, workshop: Workshop): Promise<TrainReport> {
  const { data: folder, config, seed = TWO_TOWER, onProgress } = options
  const began = performance.now()
  const chosen = towerChoices({ ...config.learning.settings[TWO_TOWER], ...options.settings })
  const log = await openReader(folder)
  onProgress?.({ phase: `${TWO_TOWER}: read`, done: 0, total: 1 })
  const past = await workshop.served()
  const heldFrom = workshop.heldFrom(log)
  const data = retrievalData(() => knownOf(log, heldFrom), new Kinds(config.events.kinds), {
    history: chosen.history ?? twoTowerRecipe.history,
    surfaces: Object.keys(config.surfaces),
    surface: JUDGED_SURFACE,
    seed,
    ...(past && { near: (slate: string) => past.near(slate) }),
  })
  const users = data.cases.validation.wanted.length
  if (users < USERS_LEAST)
    throw new SluiceError('ERR_TRAIN_DATA', [
      folder,
      neededOf(`${USERS_LEAST} users with three items`, heldFrom),
      String(users),
    ])

  const work = workshop.work(TWO_TOWER)
  const record = new RunRecord(work)
  const checkpoints = join(work, 'checkpoints')
  const run = await continued(checkpoints, record, () => learn(data, options, chosen, { folder: checkpoints, record }))
  if (!run.done) throw new SluiceError('ERR_TRAIN_STOPPED', [TWO_TOWER])
  onProgress?.({ phase: `${TWO_TOWER}: gates`, done: 0, total: 1 })

  const { registry } = workshop
  const draft = workshop.draft(TWO_TOWER)
  writeTwoTower(run.artifact, (file) => draft.path(file))
  const entry: TwoTowerEntry = {
    ...{ model: run.artifact.manifest, held: HELD, surfaces: data.surfacesMet },
    ...(heldFrom !== undefined && { heldFrom }),
  }
  const { artifact: live } = await registry.loadLive(TWO_TOWER)
  const rival = live && knowsNoMore(live.manifest.config, heldFrom) ? live : undefined
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
    data: { from: 0, until: log.next, samples: `${data.train.length} consumptions`, examples: run.examples },
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

function learn(
  data: RetrievalData,
  options: TrainOptions,
  chosen: TwoTowerChoices,
  { folder, record }: { readonly folder: string; readonly record: RunRecord },
): Promise<TwoTowerRun> {
  const { seed = TWO_TOWER, epochs = chosen.epochs ?? EPOCHS, signal, onProgress } = options
  const none = new Uint32Array(0)
  return trainTwoTower({
    ...{ samples: data.samples, facts: data.facts, catalogue: data.catalogue, pool: data.catalogue, folder },
    ...computeOf(options),
    split: { train: data.train, validation: none, test: none },
    cases: data.cases,
    config: {
      ...{ patience: PATIENCE, ...chosen },
      ...batchesFor(data, { ...options.config.learning.negatives, ...chosen }),
      ...{ epochs, seed },
    },
    // Imports have quiet days and bursts of one second; there are no impressions that were not clicked.
    expectations: { emptyDaysMax: Number.POSITIVE_INFINITY, duplicatesMax: 1, positivesOnly: true },
    ...(signal && { signal }),
    onProgress: ({ metrics, ...progress }) => {
      const figures = metrics && retrievalFigures(metrics)
      record.progress({ ...progress, ...(figures && { metrics: figures }) })
      const metric = figures && { name: 'recall@100', value: figures['recall@100'] ?? 0 }
      onProgress?.(told(epochOf(TWO_TOWER, progress), progress, metric))
    },
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
