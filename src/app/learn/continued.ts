import { rmSync } from 'node:fs'
import { SluiceError } from '../../foundation/base/index.ts'

/**
 * Runs a training that continues from a folder. Where the folder holds that of other data - events came since it was
 * stopped - or is damaged, it and the record are emptied and the training begins anew.
 */
export async function continued<T>(folder: string, record: { forget(): void }, begin: () => Promise<T>): Promise<T> {
  try {
    return await begin()
  } catch (error) {
    if (!(error instanceof SluiceError && error.code === 'ERR_MODEL_INVALID' && error.message.includes(folder)))
      throw error
    rmSync(folder, { recursive: true, force: true })
    record.forget()
    return begin()
  }
}
