import { DAY, MINUTE } from '../../foundation/base/index.ts'
import { type RejectionCode, timeOf } from '../../domain/index.ts'

type TimeVerdict =
  | { readonly ok: true; readonly at: number }
  | { readonly ok: false; readonly code: RejectionCode; readonly message: string }

/** Last moment a Date can hold. */
const LAST = 8.64e15
/** Nothing that is imported is older: a number that says so is in another unit. */
const HISTORY_FROM = Date.UTC(1990, 0, 1)
/** Numbers from here on, taken as seconds, are after March 1973: likely clocks, not counters. */
const SECONDS_FROM = 1e8

/**
 * The written fate of an event's time. No moment: rejected. Ahead of the clock by more than `futureMs`: rejected; by
 * less: taken as now. Older than `lateMs`: rejected; historical ones only when before 1990.
 */
export function timeVerdict(
  value: number | string,
  now: number,
  limits: { readonly futureMs: number; readonly lateMs: number },
  historical: boolean,
): TimeVerdict {
  const at = timeOf(value)
  if (!(at >= 0 && at <= LAST)) {
    const code = 'ERR_TIME_INVALID'
    return { ok: false, code, message: `/at ${shown(value)} is no moment since 1970: send milliseconds or ISO 8601` }
  }
  if (at > now + limits.futureMs) {
    const message = `/at ${told(value, at)} is ${span(at - now)} ahead of the server clock; the limit is ${span(limits.futureMs)} (futureMs ${limits.futureMs})`
    return { ok: false, code: 'ERR_EVENT_FUTURE', message: message + unitHint(value, now + limits.futureMs) }
  }
  if (!historical && at < now - limits.lateMs) {
    const message = `/at ${told(value, at)} is ${span(now - at)} behind the server clock; the limit for live events is ${span(limits.lateMs)} (lateMs ${limits.lateMs})`
    const hint = unitHint(value, now + limits.futureMs) || '. Import older events instead'
    return { ok: false, code: 'ERR_EVENT_TOO_OLD', message: message + hint }
  }
  if (historical && at < HISTORY_FROM) {
    const hint = unitHint(value, now + limits.futureMs) || '. Send milliseconds since 1970, or ISO 8601'
    const message = `/at ${told(value, at)} is before 1990, and no event is so old${hint}`
    return { ok: false, code: 'ERR_TIME_INVALID', message }
  }
  return { ok: true, at: Math.min(at, now) }
}

/** What the number looks like when it is not milliseconds. */
function unitHint(value: number | string, latest: number): string {
  if (typeof value !== 'number') return ''
  if (value >= SECONDS_FROM && value * 1000 <= latest) return '. The number looks like seconds: send milliseconds'
  if (value / 1000 >= SECONDS_FROM * 1000 && value / 1000 <= latest) {
    return '. The number looks like microseconds: send milliseconds'
  }
  return ''
}

function told(value: number | string, at: number): string {
  return `${shown(value)} (${new Date(at).toISOString()})`
}

function shown(value: number | string): string {
  return typeof value === 'number' ? String(value) : JSON.stringify(value)
}

function span(ms: number): string {
  if (ms >= DAY) return `${(ms / DAY).toFixed(1)} days`
  return ms >= MINUTE ? `${(ms / MINUTE).toFixed(1)} minutes` : `${Math.round(ms)} ms`
}
