import type { IncomingMessage } from 'node:http'
import type { FastifyReply, FastifyRequest, onRequestHookHandler, preValidationHookHandler } from 'fastify'
import { SluiceError, systemClock } from '../foundation/base/index.ts'
import { Shed, TurnWait } from '../foundation/resilience/index.ts'
import { Arrivals } from './arrivals.ts'
import { requireOwnName } from './hosts.ts'
import { keyCheck } from './keys.ts'
import { limits } from './limits.ts'
import { type Context, LINES_TYPE, type Route } from './route.ts'

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
    /** Is its body on its way? It holds a place as such until it runs. */
    arriving: boolean
    /** Gives back the place it holds. */
    leave: () => void
  }
}

const nothing = () => {}

/** Those without are there with their head. */
function hasBody({ headers }: FastifyRequest): boolean {
  const { 'content-length': length = '0', 'transfer-encoding': coding } = headers
  return coding !== undefined || length !== '0'
}

/** JSON lines are read while the handler runs, as long as they come. */
const isUpload = ({ headers }: FastifyRequest) =>
  headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() === LINES_TYPE

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

/**
 * A client that stays and takes nothing of what was written for it is let go after a while, with the places of its requests.
 * One that waits for an answer, or follows where nothing happens, has nothing to take.
 */
function endStalled({ raw: { socket } }: FastifyRequest, reply: FastifyReply): void {
  reply.raw.setTimeout(limits.stalledMsMax, () => {
    if (socket.writableLength > 0) socket.destroy()
  })
}

export interface Gate {
  /** First of all: gives the request its name, measures it, and refuses it when too many are running. */
  arrive(route: Route | undefined): onRequestHookHandler
  /** Once its body is there: gives it a place among those that run, or refuses it. */
  readonly run: preValidationHookHandler
  /** After the rate limit: host, key, and whether the engine is ready. */
  admit(route: Route): onRequestHookHandler
}

/** What every request passes before its body is read. */
export function gateOf({ config, metrics, traces, log, engine, stopping }: Context, onLeave: () => void): Gate {
  const running = new Shed('the number of running requests', limits.inFlightMax)
  const uploads = new Shed('the number of uploads', limits.uploadsMax)
  const arrivals = new Arrivals(systemClock)
  const check = keyCheck(config.apiKeys)
  const turns = new TurnWait(systemClock)

  /** Gives a request its place, or throws why it has none. */
  function place(request: FastifyRequest, reply: FastifyReply, route: Route | undefined) {
    if (stopping.aborted && !route?.early) throw new SluiceError('ERR_STOPPING')
    if (route?.stream || route?.early) return
    if (route?.bulk && isUpload(request)) request.leave = uploads.enter()
    else if (hasBody(request)) {
      running.requireRoom()
      request.leave = arrivals.enter(request, reply)
      request.arriving = true
    } else request.leave = running.enter()
  }

  function measure(request: FastifyRequest, reply: FastifyReply, route: Route | undefined) {
    const start = performance.now()
    // Probes and scrapes come every few seconds, and are no work of a trace unless somebody says so.
    if (!route?.early || request.headers['traceparent'] !== undefined)
      traces.begin(request, reply, route?.path ?? 'unknown')
    let answered = false
    reply.raw.once('finish', () => {
      answered = true
    })
    closeWithSocket(request, reply)
    endStalled(request, reply)
    // 'close' comes after every answer and also when the client leaves without one.
    reply.raw.once('close', () => {
      request.arriving = false
      request.leave()
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
      request.leave = nothing
      measure(request, reply, route)
      try {
        place(request, reply, route)
      } catch (error) {
        done(error as Error)
        return
      }
      done()
    },
    run: (request, _reply, done) => {
      if (!request.arriving) return done()
      request.arriving = false
      request.leave()
      request.leave = nothing
      try {
        request.leave = running.enter()
      } catch (error) {
        return done(error as Error)
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
