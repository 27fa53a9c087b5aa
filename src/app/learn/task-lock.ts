import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { SluiceError } from '../../foundation/base/index.ts'
import { type FolderLock, lockFolder, makeFolder } from '../../foundation/store/index.ts'
import { folderOf } from '../folder.ts'

/**
 * Takes a task on the models of a data folder for this process alone, as `train wdl`: two at once would write over each
 * other's checkpoints, records or updates. The lock of a process that is gone counts for nothing. A folder without a journal
 * is left as it is: there is nothing to learn from in it.
 * @throws SluiceError ERR_TRAIN_BUSY, ERR_DATA_FOLDER
 */
export function lockTask(data: string, task: string): FolderLock {
  const { journal, models } = folderOf(data)
  if (!existsSync(journal)) return { release: () => undefined }
  const folder = join(models, '.locks', task.replaceAll(' ', '-'))
  try {
    makeFolder(folder)
    return lockFolder(folder)
  } catch (error) {
    if (!(error instanceof SluiceError) || error.code !== 'ERR_DATA_IN_USE') throw error
    throw new SluiceError('ERR_TRAIN_BUSY', [task, error.values[1] ?? 'unknown'])
  }
}
