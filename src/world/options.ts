import { DAY } from '../foundation/base/index.ts'

/** How big a world is and when its history ends. Everything may be left out. */
export interface WorldOptions {
  /** Equal seeds (and sizes) make equal worlds, byte for byte. Default 'sluice'. */
  readonly seed?: string | number
  /** Users who join before the end. 1 to 2 000 000, default 5000. */
  readonly users?: number
  /** Items published before the end. 20 to 5 000 000, default 10 000. */
  readonly items?: number
  /** 1 to items, default one for every 20 items. */
  readonly creators?: number
  /** Length of the history in days, 1 to 730, default 28. */
  readonly days?: number
  /** Events in the history, roughly (within a quarter, from 20 a user on); sets how often users come. Default 60 a user. */
  readonly events?: number
  /**
   * How much the order of the watches before a slate matters: what it adds to the logit of a click at most, or takes
   * away. 0 to 4, default 0: not at all.
   */
  readonly order?: number
  /** End of the history, milliseconds since 1970. Default 2026-01-01, so that equal seeds give equal bytes. */
  readonly end?: number
}

export interface WorldSizes extends Required<WorldOptions> {
  /** Start of the history in milliseconds. */
  readonly start: number
}

/** @throws RangeError for a size outside its range */
export function completeOptions(options: WorldOptions = {}): WorldSizes {
  const { seed = 'sluice', users = 5000, items = 10_000, days = 28, order = 0 } = options
  const { creators = Math.max(1, Math.round(items / 20)), events = users * 60, end = Date.UTC(2026, 0, 1) } = options
  check('users', users, 1, 2_000_000)
  check('items', items, 20, 5_000_000)
  check('creators', creators, 1, items)
  check('days', days, 1, 730)
  check('events', events, 1, 1e10)
  if (!(order >= 0 && order <= 4)) throw new RangeError(`order must be from 0 to 4, not ${order}`)
  if (!Number.isFinite(end) || end < 800 * DAY) throw new RangeError(`end must be a moment after 1972, not ${end}`)
  return { seed, users, items, creators, days, events, order, end, start: end - days * DAY }
}

function check(name: string, value: number, low: number, high: number): void {
  if (!Number.isInteger(value) || value < low || value > high)
    throw new RangeError(`${name} must be a whole number from ${low} to ${high}, not ${value}`)
}
