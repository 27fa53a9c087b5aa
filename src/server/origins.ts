import type { FastifyInstance } from 'fastify'
import type { Config } from '../domain/index.ts'

/** Seconds for which a browser may remember what it was allowed. */
const REMEMBER_S = 600

/** Lets pages of the configured origins ask from a browser; without any, browsers keep pages of others from reading answers. */
export async function allowOrigins(app: FastifyInstance, { origins }: Config['server']): Promise<void> {
  if (origins.length === 0) return
  const { default: cors } = await import('@fastify/cors')
  await app.register(cors, {
    origin: [...origins],
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'],
    allowedHeaders: ['authorization', 'x-api-key', 'content-type', 'traceparent', 'tracestate'],
    exposedHeaders: ['retry-after'],
    maxAge: REMEMBER_S,
  })
}
