import type { ErrorCode } from '../foundation/base/index.ts'
import type { Route } from './route.ts'

/** Errors that a route can meet, its own ones first. */
export function failuresOf(route: Route): ErrorCode[] {
  const codes: ErrorCode[] = [...(route.fails ?? []), 'ERR_BODY_INVALID']
  if (route.takes || route.schema.body) codes.push('ERR_CONTENT_TYPE', 'ERR_BODY_TOO_LARGE')
  if (route.needs !== 'none') codes.push('ERR_KEY_INVALID', 'ERR_KEY_FORBIDDEN')
  if (!route.early) codes.push('ERR_NOT_READY', 'ERR_STOPPING', 'ERR_OVERLOADED', 'ERR_TIMEOUT')
  codes.push('ERR_HOST_FORBIDDEN', 'ERR_RATE_LIMITED', 'ERR_INTERNAL')
  return [...new Set(codes)]
}
