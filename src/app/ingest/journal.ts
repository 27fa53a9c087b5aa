import { existsSync } from 'node:fs'
import { SluiceError } from '../../foundation/base/index.ts'
import { type EventLog, openEventLog } from '../../stream/events/index.ts'
import { folderOf } from '../folder.ts'

/**
 * Opens the journal of a data folder for reading alone, beside whoever has it open.
 * @throws SluiceError ERR_DATA_MISSING when there is none
 */
export async function openReader(data: string): Promise<EventLog> {
  const { journal } = folderOf(data)
  if (!existsSync(journal)) throw new SluiceError('ERR_DATA_MISSING', [data])
  return openEventLog(journal, { segmentBytes: 1, readOnly: true, pendingMax: 1 })
}
