import { setTimeout as sleep } from 'node:timers/promises'
import type { EventLog } from '../../stream/events/index.ts'

/** Work between two pauses, and the pause: a twentieth of a core. */
const SLICE_MS = 2
const PAUSE_MS = 40

/**
 * Reads what a start from a snapshot did not read, little by little, so that damage is told while there are backups, and
 * not by the first start that has to replay. Gives the way to stop.
 */
export function checkUnread(log: EventLog, damaged: (error: unknown) => void): () => void {
  let stopped = false
  const check = async () => {
    let began = performance.now()
    for (const _ of log.check()) {
      if (stopped) return
      if (performance.now() - began < SLICE_MS) continue
      await sleep(PAUSE_MS, undefined, { ref: false })
      began = performance.now()
    }
  }
  check().catch(damaged)
  return () => {
    stopped = true
  }
}
