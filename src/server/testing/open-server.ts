import type { Tracer } from '@opentelemetry/api'
import { Writable } from 'node:stream'
import type { InjectOptions } from 'fastify'
import { type Config, completeConfig } from '../../domain/index.ts'
import { createLog, createMetrics, type Metrics } from '../../foundation/telemetry/index.ts'
import { createServer, type Server } from '../create.ts'
import { type FakeEngine, fakeEngine } from './fake-engine.ts'

/** One key for each right, in tests. */
export const testKeys = [
  { key: 'key-to-read', rights: ['read'] },
  { key: 'key-to-write', rights: ['write'] },
  { key: 'key-to-admin', rights: ['admin'] },
] as Config['server']['apiKeys']

export interface OpenServer {
  readonly server: Server
  readonly engine: FakeEngine
  readonly metrics: Metrics
  /** Lines of the log so far. */
  readonly logged: Record<string, unknown>[]
  /** A request without a socket: status, headers and parsed body. */
  ask(
    options: InjectOptions | string,
  ): Promise<{ status: number; headers: Record<string, unknown>; body: unknown; text: string }>
}

/** A server over a fake engine, for tests. */
export async function openServer(
  options: { config?: Partial<Config['server']>; engine?: FakeEngine; tracer?: Tracer } = {},
): Promise<OpenServer> {
  const engine = options.engine ?? fakeEngine({ items: 5 })
  const config = { ...completeConfig().server, port: 0, ...options.config }
  const metrics = createMetrics({ process: false })
  const logged: Record<string, unknown>[] = []
  const to = new Writable({
    write(chunk, _encoding, done) {
      logged.push(JSON.parse(String(chunk)))
      done()
    },
  })
  const { tracer } = options
  const log = createLog('info', to)
  const server = await createServer({ engine, config, metrics, log, ...(tracer ? { tracer } : {}) })
  return {
    server,
    engine,
    metrics,
    logged,
    async ask(request) {
      const answer = await server.inject(request as InjectOptions)
      const json = String(answer.headers['content-type']).startsWith('application/json') && answer.payload !== ''
      return {
        status: answer.statusCode,
        headers: answer.headers,
        body: json ? answer.json() : undefined,
        text: answer.payload,
      }
    },
  }
}
