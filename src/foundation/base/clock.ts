/** Where time comes from. Everything that reads the time takes one, so that replay and tests can set it. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number
  /** Milliseconds on a scale that never goes back; only differences have a meaning. */
  ticks(): number
}

export const systemClock: Clock = { now: () => Date.now(), ticks: () => performance.now() }

export interface ManualClock extends Clock {
  set(at: number): void
  advance(ms: number): void
}

/** A clock that stands still until it is moved. */
export function manualClock(start = 0): ManualClock {
  let at = start
  return {
    now: () => at,
    ticks: () => at,
    set: (value) => {
      at = value
    },
    advance: (ms) => {
      at += ms
    },
  }
}

export const SECOND = 1_000
export const MINUTE = 60_000
export const HOUR = 3_600_000
export const DAY = 86_400_000
