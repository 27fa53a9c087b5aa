import type { Log } from './log.ts'

/** Time within which a warning is not said twice. */
const EVERY_MS = 10_000
/** Sentences that are remembered; more of them are all said. */
const SENTENCES_MAX = 200

/**
 * A log that says the same warning once in ten seconds, with how many were left out before it (`repeated`): a disk that is full
 * refuses every request, and a thousand equal lines a minute would fill it further. Everything else is said as it comes.
 * @param ticks milliseconds that only ever grow
 */
export function sparingLog(log: Log, ticks: () => number = () => performance.now()): Log {
  const said = new Map<string, { at: number; left: number }>()
  return {
    debug: (fields, message) => log.debug(fields, message),
    info: (fields, message) => log.info(fields, message),
    error: (fields, message) => log.error(fields, message),
    warn(fields, message) {
      const before = said.get(message)
      const now = ticks()
      if (before && now - before.at < EVERY_MS) {
        before.left++
        return
      }
      if (said.size >= SENTENCES_MAX) said.clear()
      said.set(message, { at: now, left: 0 })
      log.warn(before && before.left > 0 ? { ...fields, repeated: before.left } : fields, message)
    },
  }
}
