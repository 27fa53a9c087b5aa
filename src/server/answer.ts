import type { Socket } from 'node:net'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { SluiceError } from '../foundation/base/index.ts'
import type { Log } from '../foundation/telemetry/index.ts'
import { answerTo, failure, retryAfter } from './errors.ts'
import { limits } from './limits.ts'
import { nearest } from './near.ts'
import { JSON_TYPE, type Route } from './route.ts'
import { routes } from './routes.ts'

/** Gives every failure the same form, wherever in the framework it came from. */
export function answerFailures(app: FastifyInstance, log: Log): void {
  app.setErrorHandler((error: FastifyError, request, reply) => sendFailure(error, request, reply, log))
}

export function sendFailure(thrown: unknown, request: FastifyRequest, reply: FastifyReply, log: Log): FastifyReply {
  const error = named(thrown, request)
  const { status, body } = answerTo(error, log, {
    request: request.id,
    route: request.routeOptions?.url ?? 'unknown',
  })
  if (body.error.code === 'ERR_BODY_TOO_LARGE') keepForRest(request, reply)
  const wait = retryAfter[body.error.code as keyof typeof retryAfter]
  if (wait !== undefined) reply.header('retry-after', String(wait))
  return reply.code(status).type('application/json; charset=utf-8').send(body)
}

/**
 * A client that is still sending would find the connection broken off instead of the answer. So the rest of a body
 * that says its length is read and thrown away, up to a bound; others are cut off as before.
 */
function keepForRest(request: FastifyRequest, reply: FastifyReply): void {
  const length = Number(request.headers['content-length'])
  if (length <= limits.discardBytesMax) reply.removeHeader('connection')
}

/** Errors of the framework whose sentence needs the request. */
function named(thrown: unknown, request: FastifyRequest): unknown {
  const { code } = thrown as FastifyError
  const { bodyLimit, config } = request.routeOptions ?? {}
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return new SluiceError('ERR_BODY_TOO_LARGE', [String(bodyLimit)])
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    const taken = Object.keys(config?.route?.takes ?? { [JSON_TYPE]: true })
    return new SluiceError('ERR_CONTENT_TYPE', [request.headers['content-type'] ?? 'unknown', taken.join(' or ')])
  }
  return thrown
}

const patterns = routes.map((route) => ({
  route,
  pattern: new RegExp(`^${route.path.replaceAll('.', '\\.').replace(/:\w+/g, '[^/]+')}/?$`),
}))

/** No route has this path, or none that has it takes this method. */
export function noRoute(request: FastifyRequest, reply: FastifyReply, log: Log): FastifyReply {
  const path = request.url.split('?', 1)[0] as string
  const shown = path.slice(0, 200)
  const methods = patterns.filter(({ pattern }) => pattern.test(path)).map(({ route }) => methodsOf(route))
  const allowed = [...new Set(methods.flat())].join(', ')
  if (allowed !== '') {
    reply.header('allow', allowed)
    return sendFailure(new SluiceError('ERR_METHOD_NOT_ALLOWED', [request.method, shown, allowed]), request, reply, log)
  }
  const paths = [...new Set(routes.map((route) => route.path))]
  const near = nearest(path, paths).join(', ')
  return sendFailure(new SluiceError('ERR_ROUTE_UNKNOWN', [request.method, shown, near]), request, reply, log)
}

function methodsOf({ method, stream }: Route): string[] {
  return method === 'GET' && !stream ? ['GET', 'HEAD'] : [method]
}

/** Answers what is no HTTP at all, or came too slowly, on the bare socket. */
export function answerSocket(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const said =
    error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
      ? new SluiceError('ERR_REQUEST_SLOW')
      : error.code === 'HPE_HEADER_OVERFLOW'
        ? new SluiceError('ERR_HEADERS_TOO_LARGE')
        : new SluiceError('ERR_REQUEST_INVALID', ['it is not HTTP'])
  const { status, body } = failure(said)
  const text = JSON.stringify(body)
  socket.end(
    `HTTP/1.1 ${status} ${said.code}\r\nContent-Type: application/json; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n${text}`,
  )
}
