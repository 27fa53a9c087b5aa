import { randomUUID } from 'node:crypto'
import { type ErrorCode, SluiceError } from '../foundation/base/index.ts'
import type { Log } from '../foundation/telemetry/index.ts'
import type { Failure } from './contract/index.ts'
import { limits } from './limits.ts'

/** A request that cannot be read, and the place in it that is wrong, as a JSON pointer below body, query or path. */
export class RequestError extends SluiceError {
  readonly where: string

  constructor(where: string, why: string, options?: { cause?: unknown }) {
    super('ERR_BODY_INVALID', [where, why], options)
    this.where = where
  }
}

/** What a client is told, with its status. */
export interface Answer {
  readonly status: number
  readonly body: Failure
}

export function failure(error: SluiceError): Answer {
  const where = error instanceof RequestError ? { where: error.where } : {}
  return { status: error.status, body: { error: { code: error.code, message: error.message, ...where } } }
}

type Framework = Error & { code?: string; statusCode?: number }

/** What Fastify's own errors are called here; its codes are part of its interface. */
const known: Readonly<Record<string, (error: Framework) => SluiceError>> = {
  FST_ERR_CTP_EMPTY_JSON_BODY: () => new RequestError('body', 'is empty'),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: () => new RequestError('body', 'is not as long as its Content-Length says'),
  FST_ERR_BAD_URL: () => new RequestError('path', 'is not a valid percent-encoded path'),
  FST_ERR_MAX_PARAM_LENGTH: () => new RequestError('path', `has a part of more than ${limits.parameterMax} characters`),
}

/**
 * Turns whatever was thrown into an answer. What is not in the table of errors is a defect: the client gets an
 * incident number and nothing else, the log gets the rest.
 */
export function answerTo(thrown: unknown, log: Log, about: { request: string; route: string }): Answer {
  if (thrown instanceof SluiceError) {
    if (thrown.status >= 500 && thrown.cause !== undefined) log.warn({ ...about, error: thrown }, thrown.message)
    return failure(thrown)
  }
  const error = thrown as Framework
  const named = known[error?.code ?? '']
  if (named) return failure(named(error))
  // Only what the framework itself says of a request is the client's doing; any other error with a status is ours.
  if (error?.code?.startsWith('FST_') && error.statusCode !== undefined && error.statusCode < 500) {
    return failure(new SluiceError('ERR_REQUEST_INVALID', [error.message]))
  }
  if (error?.code === 'ECONNRESET') return failure(new SluiceError('ERR_REQUEST_INVALID', ['it broke off']))
  const incident = randomUUID()
  log.error({ ...about, incident, error: thrown }, 'A request failed for a reason that is not the client’s')
  return failure(new SluiceError('ERR_INTERNAL', [incident]))
}

/** Errors after which a client should come back, and when, in seconds. */
export const retryAfter: Partial<Record<ErrorCode, number>> = {
  ERR_NOT_READY: 1,
  ERR_OVERLOADED: 1,
  ERR_STOPPING: 5,
  ERR_USER_ERASING: 5,
  ERR_TIMEOUT: 1,
  ERR_DISK_WRITE: 10,
}
