import type { FastifyInstance } from 'fastify'
import type { Log } from '../foundation/telemetry/index.ts'

/**
 * Makes the way down: refuse what is new, end what never ends, wait for what is running, and after `drainMs` cut what
 * is left. Gives the same promise each time it is called.
 */
export function drain(app: FastifyInstance, stop: AbortController, drainMs: number, log: Log): () => Promise<void> {
  let done: Promise<void> | undefined
  const close = async () => {
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
