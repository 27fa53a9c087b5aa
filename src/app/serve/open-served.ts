import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { SluiceError, systemClock } from '../../foundation/base/index.ts'
import { openFileJournal } from '../../foundation/store/index.ts'
import { ServedLog } from '../../serving/served/index.ts'
import type { EngineOptions } from '../options.ts'

const asideOf = (path: string) => `${path}.damaged-`

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
    const aside = `${asideOf(path)}${clock.now()}`
    renameSync(path, aside)
    log?.error({ error, aside }, 'the served log is damaged and was put aside; earlier slates cannot be explained')
    return open()
  }
}

/**
 * Removes every slate that was served to a user, also from a log that is kept no longer; gives how many. One that was put aside
 * as damaged cannot be read to the end: it goes whole.
 */
export async function eraseServed(
  user: string,
  kept: ServedLog | undefined,
  path: string,
  options: EngineOptions,
): Promise<number> {
  const log =
    kept ?? (existsSync(path) ? await openServed(path, options.config.events.segmentBytes, false, options) : kept)
  try {
    const { dropped } = (await log?.erase(user)) ?? { dropped: 0 }
    const folder = dirname(path)
    const aside = readdirSync(folder).filter((name) => name.startsWith(asideOf(basename(path))))
    for (const name of aside) rmSync(join(folder, name), { recursive: true })
    return dropped
  } finally {
    if (log !== kept) await log?.close()
  }
}
