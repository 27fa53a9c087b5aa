import { setImmediate as turn } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import type { Log } from '../foundation/telemetry/index.ts'

/** Turns of the event loop in which what has arrived is read: the signal may have come in the middle of one. */
const TURNS = 2

/**
 * Makes the way down: read what has arrived, for a connection that is closed over it would be reset; refuse what is new, end
 * what never ends, wait for what is running, and after `drainMs` cut what is left. Gives the same promise each time it is called.
 */
export function drain(app: FastifyInstance, stop: AbortController, drainMs: number, log: Log): () => Promise<void> {
  let done: Promise<void> | undefined
  const close = async () => {
    for (let i = 0; i < TURNS; i++) await turn()
    stop.abort()
    const cut = setTimeout(() => {
      log.warn({ drainMs }, 'Requests still running after drainMs were cut off')
      app.server.closeAllConnections()
    }, drainMs)
    try {
      await app.close()
    } finally {
      clearTimeout(cut)
    }
  }
  return () => {
    done ??= close()
    return done
  }
}
