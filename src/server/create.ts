import { fastify, type FastifyInstance, type FastifyReply } from 'fastify'
import type { Engine } from '../app/index.ts'
import { type Config, requireSafeHost } from '../domain/index.ts'
import { SluiceError } from '../foundation/base/index.ts'
import { Shed } from '../foundation/resilience/index.ts'
import { trace, type Tracer } from '@opentelemetry/api'
import { type Log, type Metrics, sparingLog } from '../foundation/telemetry/index.ts'
import { answerFailures, answerSocket, noRoute, sendFailure } from './answer.ts'
import { gateOf, requestNames } from './arrive.ts'
import { takeJson, takeLines } from './bodies.ts'
import { drain } from './drain.ts'
import { urlOf } from './hosts.ts'
import { inTime } from './in-time.ts'
import { limits } from './limits.ts'
import { allowOrigins } from './origins.ts'
import type { Context, Route } from './route.ts'
import { routes } from './routes.ts'
import { RequestTraces } from './traces.ts'
import { validatorCompiler } from './validate.ts'

export interface ServerParts {
  /** Need not be ready yet: until it is, the interface answers 503. */
  readonly engine: Engine
  readonly config: Config['server']
  readonly log: Log
  readonly metrics: Metrics
  /** What spans are made with; default: the one that the program has set up, if any. */
  readonly tracer?: Tracer
}

export interface Server {
  /** @throws SluiceError ERR_PORT_IN_USE, ERR_LISTEN */
  listen(): Promise<{ url: string }>
  /** Stops accepting, lets running requests finish within `drainMs`, then closes. Calling it again changes nothing. */
  close(): Promise<void>
  /** A request without a socket. */
  readonly inject: FastifyInstance['inject']
}

/** @throws SluiceError ERR_HOST_OPEN when it would be open to other machines */
export async function createServer({ engine, config, log, metrics, tracer }: ServerParts): Promise<Server> {
  requireSafeHost(config)
  const stop = new AbortController()
  const refusals = sparingLog(log)
  const context: Context = {
    engine,
    config,
    log,
    metrics,
    traces: new RequestTraces(tracer ?? trace.getTracer('sluice')),
    tails: new Shed('the number of followers', limits.tailsMax),
    exports: new Shed('the number of exports', limits.exportsMax),
    stopping: stop.signal,
    apiDocument: async () => (await import('./openapi.ts')).openApi(engine.status().version),
  }
  const app = fastify({
    logger: false,
    genReqId: requestNames(),
    bodyLimit: config.bodyBytesMax,
    routerOptions: { maxParamLength: limits.parameterMax },
    requestTimeout: limits.arrivalMsMax,
    forceCloseConnections: 'idle',
    return503OnClosing: false, // our own answer says it better, see `arrive`
    clientErrorHandler: answerSocket,
    frameworkErrors: (error, request, reply) => {
      sendFailure(error, request, reply, refusals)
    },
  })
  app.setValidatorCompiler(validatorCompiler)
  app.decorateRequest('arrived', 0)
  app.decorateRequest('arriving', false)
  app.decorateRequest('leave')
  takeJson(app)
  answerFailures(app, refusals)
  app.addHook('onSend', (_request, reply, _payload, done) => {
    reply.header('x-content-type-options', 'nosniff')
    if (stop.signal.aborted) reply.header('connection', 'close')
    done()
  })
  await allowOrigins(app, config)
  const limit = await rateLimitOf(app, config)
  const gate = gateOf(context, () => {
    if (stop.signal.aborted) app.server.closeIdleConnections()
  })
  const add = (scope: FastifyInstance, route: Route) =>
    scope.route({
      method: route.method,
      url: route.path,
      schema: route.schema,
      exposeHeadRoute: route.method === 'GET' && !route.stream,
      config: { route },
      onRequest: [gate.arrive(route), ...limit, gate.admit(route)],
      preValidation: [gate.run],
      handler: (request, reply) => handle(context, route, request as Request, reply),
    })
  await app.register(async (scope) => {
    takeLines(scope)
    for (const route of routes) if (route.bulk) add(scope, route)
  })
  for (const route of routes) if (!route.bulk) add(app, route)
  const arriveNowhere = gate.arrive(undefined)
  app.setNotFoundHandler({ preValidation: [...limit] as never }, (request, reply) => noRoute(request, reply, log))
  app.addHook('onRequest', function (request, reply, done) {
    if (request.is404) arriveNowhere.call(this, request, reply, done)
    else done()
  })
  await app.ready()
  return {
    inject: app.inject.bind(app) as FastifyInstance['inject'],
    async listen() {
      try {
        await app.listen({ host: config.host, port: config.port })
      } catch (error) {
        const { code, message } = error as Error & { code?: string }
        if (code === 'EADDRINUSE') throw new SluiceError('ERR_PORT_IN_USE', [String(config.port)], { cause: error })
        throw new SluiceError('ERR_LISTEN', [`${config.host}:${config.port}`, message], { cause: error })
      }
      const address = app.server.address()
      const port = typeof address === 'object' && address !== null ? address.port : config.port
      return { url: urlOf(config.host, port) }
    },
    close: drain(app, stop, config.drainMs, log),
  }
}

type Request = Parameters<Route['handle']>[1]

/** Calls the handler of a route and waits for it as long as its kind may take. */
async function handle(context: Context, route: Route, request: Request, reply: FastifyReply): Promise<unknown> {
  const given = route.handle(context, request, reply)
  if (route.stream || !(given instanceof Promise)) return given
  const about = { request: request.id, route: route.path }
  return inTime(given, route.msMax ?? limits.requestMsMax, context.log, about)
}

/** The hook that counts requests by client address, or none. */
async function rateLimitOf(app: FastifyInstance, { requestsPerMinute }: Config['server']) {
  if (requestsPerMinute === 0) return []
  const { default: rateLimit } = await import('@fastify/rate-limit')
  await app.register(rateLimit, {
    global: false,
    max: requestsPerMinute,
    timeWindow: 60_000,
    cache: limits.addressesMax,
    errorResponseBuilder: (_request, { max, ttl }) =>
      new SluiceError('ERR_RATE_LIMITED', [String(max), String(Math.ceil(ttl / 1000))]),
  })
  return [app.rateLimit()]
}
