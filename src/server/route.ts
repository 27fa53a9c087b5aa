import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type {
  FastifyReply,
  FastifyRequest,
  FastifySchema,
  RawRequestDefaultExpression,
  RawServerDefault,
  RouteGenericInterface,
} from 'fastify'
import type { TSchema } from 'typebox'
import type { Engine } from '../app/index.ts'
import type { Config } from '../domain/index.ts'
import type { ErrorCode } from '../foundation/base/index.ts'
import type { Shed } from '../foundation/resilience/index.ts'
import type { Log, Metrics } from '../foundation/telemetry/index.ts'
import type { RequestTraces } from './traces.ts'
import type { Needs } from './keys.ts'

/** What every handler may use. */
export interface Context {
  readonly engine: Engine
  readonly config: Config['server']
  readonly log: Log
  readonly metrics: Metrics
  readonly traces: RequestTraces
  readonly tails: Shed
  readonly exports: Shed
  /** Aborts when the server begins to stop: what never ends by itself must end then. */
  readonly stopping: AbortSignal
  /** This interface as an OpenAPI document. */
  apiDocument(): Promise<object>
}

export type Request<S extends FastifySchema> = FastifyRequest<
  RouteGenericInterface,
  RawServerDefault,
  RawRequestDefaultExpression,
  S,
  TypeBoxTypeProvider
>

/**
 * One route: what it is called, what it needs, what it takes and gives, and what it does. The table of these is
 * read by the server, by the API document and by the reference page.
 */
export interface RouteSpec<S extends FastifySchema> {
  /** Name of the operation, unique. */
  readonly name: string
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** As Fastify spells it: `/v1/items/:id`. */
  readonly path: string
  readonly needs: Needs
  readonly group: string
  readonly summary: string
  readonly more?: string
  /** What is validated before the handler runs. */
  readonly schema: S
  /** Body by media type, for the documents; by default `schema.body` as JSON. JSON lines: the schema of one line. */
  readonly takes?: Readonly<Record<string, TSchema>>
  readonly gives: { readonly type: string; readonly schema: TSchema; readonly status?: number }
  /** Errors of its own; those that any route can meet are added. */
  readonly fails?: readonly ErrorCode[]
  /** An example body, shown in the reference. */
  readonly example?: unknown
  /** Is it answered while the engine starts? Default: false. */
  readonly early?: boolean
  /** Takes JSON lines as a stream; the handler reads the body itself. */
  readonly bulk?: boolean
  /** Answers as long as the client stays: no time limit, not counted as a running request. */
  readonly stream?: boolean
  readonly msMax?: number
  handle(context: Context, request: Request<S>, reply: FastifyReply): unknown
}

export type Route = RouteSpec<FastifySchema>

/** Lets the handler's request follow from the schemas. */
export const route = <const S extends FastifySchema>(spec: RouteSpec<S>): Route => spec as unknown as Route

export const JSON_TYPE = 'application/json'
export const LINES_TYPE = 'application/x-ndjson'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The row of the table that a route was made from. */
    route?: Route
  }
}
