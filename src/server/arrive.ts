import type { IncomingMessage } from 'node:http'
import type { FastifyReply, FastifyRequest, onRequestHookHandler } from 'fastify'
import { SluiceError, systemClock } from '../foundation/base/index.ts'
import { Shed, TurnWait } from '../foundation/resilience/index.ts'
import { requireOwnName } from './hosts.ts'
import { keyCheck } from './keys.ts'
import { limits } from './limits.ts'
import type { Context, Route } from './route.ts'

/** A status of our own making for a client that left before the answer: it is in the metrics only. */
const LEFT = 499

/** Names of requests: the client's own when it is harmless, else one that counts up. */
export function requestNames(): (request: IncomingMessage) => string {
  const start = Date.now().toString(36)
  let count = 0
  return ({ headers }) => {
    const given = headers['x-request-id']
    return typeof given === 'string' && /^[\w.:-]{1,64}$/.test(given) ? given : `${start}-${(count++).toString(36)}`
  }
}

declare module 'fastify' {
  interface FastifyRequest {
    /** When it came, in ticks of the system clock: before the event loop had time for it. */
    arrived: number
  }
}

/**
 * A client may send its next request before it has the answer to the one before. An answer that waits for its turn has no
 * socket yet, and Node tells it nothing when the connection goes: so it is closed here, as the one being written is.
 */
function closeWithSocket(request: FastifyRequest, reply: FastifyReply): void {
  const { socket } = request.raw
  if (reply.raw.socket !== null) return
  const gone = () => {
    if (reply.raw.socket !== null) return // its turn has come
    reply.raw.destroy()
    reply.raw.emit('close')
  }
  socket.setMaxListeners(0) // as many as wait
  socket.once('close', gone)
  reply.raw.once('close', () => socket.off('close', gone))
}

export interface Gate {
  /** First of all: gives the request its name, measures it, and refuses it when too many are running. */
  arrive(route: Route | undefined): onRequestHookHandler
  /** After the rate limit: host, key, and whether the engine is ready. */
  admit(route: Route): onRequestHookHandler
}

/** What every request passes before its body is read. */
export function gateOf({ config, metrics, traces, log, engine, stopping }: Context, onLeave: () => void): Gate {
  const running = new Shed('the number of running requests', limits.inFlightMax)
  const check = keyCheck(config.apiKeys)
  const turns = new TurnWait(systemClock)

  function measure(request: FastifyRequest, reply: FastifyReply, route: Route | undefined, leave: () => void) {
    const start = performance.now()
    traces.begin(request, reply, route?.path ?? 'unknown')
    let answered = false
    reply.raw.once('finish', () => {
      answered = true
    })
    closeWithSocket(request, reply)
    // 'close' comes after every answer and also when the client leaves without one.
    reply.raw.once('close', () => {
      leave()
      const status = answered ? reply.raw.statusCode : LEFT
      const ms = performance.now() - start
      const path = route?.path ?? 'unknown'
      metrics.inFlight(running.underWay)
      metrics.http(path, request.method, status, ms / 1000)
      traces.end(request, status)
      const about = { request: request.id, trace: traces.idOf(request), route: path, method: request.method }
      log.debug({ ...about, status, ms }, 'answered')
      onLeave()
    })
  }

  return {
    arrive: (route) => (request, reply, done) => {
      request.arrived = systemClock.ticks() - turns.arrive()
      reply.header('x-request-id', request.id)
      let leave = () => {}
      measure(request, reply, route, () => leave())
      try {
        if (stopping.aborted && !route?.early) throw new SluiceError('ERR_STOPPING')
        if (!route?.stream && !route?.early) leave = running.enter()
      } catch (error) {
        done(error as Error)
        return
      }
      done()
    },
    admit: (route) => (request, _reply, done) => {
      try {
        requireOwnName(request.headers.host, config)
        check(request.headers, route.needs)
        if (!route.early) {
          const { ready, phase } = engine.standing()
          if (!ready) throw new SluiceError('ERR_NOT_READY', [phase])
        }
      } catch (error) {
        done(error as Error)
        return
      }
      done()
    },
  }
}
