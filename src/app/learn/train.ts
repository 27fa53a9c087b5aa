import { rmSync, statSync } from 'node:fs'
import { SluiceError } from '../../foundation/base/index.ts'
import type { ModelName } from '../../domain/index.ts'
import type { FolderLock } from '../../foundation/store/index.ts'
import { checkSettings } from '../../learning/training/index.ts'
import { folderOf } from '../folder.ts'
import { trainCoarseModel } from './coarse.ts'
import { trainRankerModel } from './ranker.ts'
import type { TrainOptions, TrainReport } from './report.ts'
import { trainSequenceModel } from './sequence.ts'
import { lockTask } from './task-lock.ts'
import { trainTwoTowerModel } from './two-tower.ts'
import { Workshop } from './workshop.ts'

/**
 * Trains, judges, registers and, when every gate passed, promotes the model that is named. What several trainings need
 * is read once, by the workshop.
 */
export type Trainer = (options: TrainOptions, workshop: Workshop) => Promise<TrainReport>

/** Who trains what: every name of `trainable` has its line. */
const trainers: Readonly<Record<ModelName, Trainer>> = {
  sequence: trainSequenceModel,
  'two-tower': trainTwoTowerModel,
  wdl: (options, workshop) => trainRankerModel('wdl', options, workshop),
  din: (options, workshop) => trainRankerModel('din', options, workshop),
  bst: (options, workshop) => trainRankerModel('bst', options, workshop),
  'bst-isolated': (options, workshop) => trainRankerModel('bst-isolated', options, workshop),
  dlrm: (options, workshop) => trainRankerModel('dlrm', options, workshop),
  coarse: trainCoarseModel,
  degraded: (options, workshop) => trainRankerModel('degraded', options, workshop),
}

/**
 * Trains models by name, one after the other, on a data folder's journal; runs their gates, registers them, and promotes
 * those that passed. Runs beside a server on the same folder: the journal is only read, and the server takes a new live
 * version by itself. `refused` is told of a model that cannot be trained, for want of a teacher, say, and the others come
 * all the same; without it, and when the disk is full, the first to fail ends it all.
 */
export async function* trainModels(
  models: readonly ModelName[],
  { refused, ...options }: Omit<TrainOptions, 'model'> & { refused?: (error: SluiceError) => void },
): AsyncGenerator<TrainReport, void, undefined> {
  const { settings = {} } = options
  for (const model of models) checkSettings(model, settings) // before any is trained
  const workshop = new Workshop(options.data, options.config, options.onProgress, options)
  for (const model of models) {
    try {
      yield await trainWith(workshop, { ...options, model })
    } catch (error) {
      if (!refused || !(error instanceof SluiceError) || error.code === 'ERR_DISK_WRITE') throw error
      refused(error)
    }
  }
}

/** What the system says when a disk takes no more, or nothing from this user. */
const DISK_FAULTS = ['ENOSPC', 'EDQUOT', 'EFBIG', 'EROFS', 'EIO', 'EACCES', 'EPERM']
/** Of these, what room that is given back helps against. */
const NO_ROOM = ['ENOSPC', 'EDQUOT']
const WAY = 'What serves goes on serving; make it writable and train again: it goes on where it was'
const WAY_TO_ROOM = 'What serves goes on serving; free some space and train again: it goes on where it was'
const WAY_ANEW =
  'What serves goes on serving, and the checkpoints of this training are gone, for events need the room: free some space and train again'

/**
 * One model, with what a workshop has read already. A training that fails leaves nothing behind but checkpoints to go on from,
 * and what was live is live. When the disk is full that serving writes to, not even those are left: events come first.
 * @throws SluiceError what the model's own trainer says; ERR_TRAIN_BUSY while another process trains it, ERR_DISK_WRITE when
 * there is no room for what it writes
 */
export async function trainWith(workshop: Workshop, options: TrainOptions): Promise<TrainReport> {
  const { model } = options
  let lock: FolderLock | undefined
  try {
    lock = lockTask(workshop.data, `train ${model}`)
    return await trainers[model](options, workshop)
  } catch (error) {
    workshop.discardDrafts()
    const told = error instanceof SluiceError && error.code === 'ERR_DISK_WRITE'
    const cause = (told ? error.cause : (fullDisk(error) ?? error)) as NodeJS.ErrnoException | undefined
    if (!told && !DISK_FAULTS.includes(cause?.code ?? '')) throw error
    const noRoom = NO_ROOM.includes(cause?.code ?? '')
    const anew = noRoom && sharesDisk(workshop.data)
    if (anew) rmSync(workshop.work(model), { recursive: true, force: true })
    const [what = '', why = ''] = told ? error.values : [`model ${model}`, cause?.message]
    throw new SluiceError('ERR_DISK_WRITE', [what, why, anew ? WAY_ANEW : noRoom ? WAY_TO_ROOM : WAY], { cause })
  } finally {
    lock?.release()
  }
}

/** Do the models of a data folder lie on a disk that serving writes to? */
function sharesDisk(data: string): boolean {
  const { models, journal, served } = folderOf(data)
  const disk = (path: string) => statSync(path, { throwIfNoEntry: false })?.dev
  return [journal, served].some((path) => disk(path) === disk(models))
}

/** What the system said, where a folder could not be made because the disk is full; one that may not be written to says so itself. */
function fullDisk(error: unknown): unknown {
  if (!(error instanceof SluiceError) || error.code !== 'ERR_DATA_FOLDER') return undefined
  const cause = error.cause as NodeJS.ErrnoException | undefined
  return NO_ROOM.includes(cause?.code ?? '') ? cause : undefined
}

/** One model: see `trainModels`. */
export async function train({ model, ...options }: TrainOptions): Promise<TrainReport> {
  for await (const report of trainModels([model], options)) return report
  throw new RangeError(`Cannot train "${model}": it gave no report`)
}
