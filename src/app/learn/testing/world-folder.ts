import fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Entry, type EventLog, openEventLog } from '../../../stream/events/index.ts'
import { createWorld, type WorldOptions } from '../../../world/index.ts'
import { folderOf } from '../../folder.ts'

/** A data folder whose journal is written by a test. */
export interface WorldFolder {
  readonly data: string
  readonly log: EventLog
  readonly entries: readonly Entry[]
  write(part: readonly Entry[]): Promise<void>
  remove(): Promise<void>
}

/** An empty folder, and a world's history to be written into it. */
export async function worldFolder(options: WorldOptions): Promise<WorldFolder> {
  const data = fs.mkdtempSync(join(tmpdir(), 'sluice-learn-'))
  const entries = Array.from(createWorld(options).entries(), (made): Entry => {
    if (made.type !== 'event') return made
    const at = made.event.at as number
    return { type: 'event', event: { ...made.event, at, receivedAt: at } }
  })
  const log = await openEventLog(folderOf(data).journal, { segmentBytes: 1 << 22, pendingMax: 1e6 })
  return {
    ...{ data, log, entries },
    async write(part) {
      log.appendAll(part)
      await log.flushed()
    },
    async remove() {
      await log.close()
      fs.rmSync(data, { recursive: true })
    },
  }
}
