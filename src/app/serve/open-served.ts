import { renameSync } from 'node:fs'
import { SluiceError, systemClock } from '../../foundation/base/index.ts'
import { openFileJournal } from '../../foundation/store/index.ts'
import { ServedLog } from '../../serving/served/index.ts'
import type { EngineOptions } from '../options.ts'

/** A served log that is damaged is put aside: slates are served without their past, and the events are not touched. */
export async function openServed(
  path: string,
  segmentBytes: number,
  readOnly: boolean,
  { log, metrics, clock = systemClock }: EngineOptions,
) {
  const lost = (records: number) => metrics?.servedLost(records)
  const open = async () => new ServedLog(await openFileJournal(path, { segmentBytes, sync: false, readOnly }), lost)
  try {
    return await open()
  } catch (error) {
    if (readOnly || !(error instanceof SluiceError) || error.code !== 'ERR_DATA_CORRUPT') throw error
    const aside = `${path}.damaged-${clock.now()}`
    renameSync(path, aside)
    log?.error({ error, aside }, 'the served log is damaged and was put aside; earlier slates cannot be explained')
    return open()
  }
}
