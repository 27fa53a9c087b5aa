/** Which way is good. Read by reports and verdicts; never guessed from a name. */
export type Better = 'higher' | 'lower'

/** What every metric says about itself. */
export interface MetricSpec {
  readonly name: string
  readonly better: Better
  /** Lowest and highest value it can take. */
  readonly range: readonly [low: number, high: number]
  readonly say: string
}

/**
 * One user's list held against what the user wanted. Duplicates are already dropped, so the place in `gains` is the
 * rank minus one.
 */
export interface Judged {
  /** Gain of each listed item, best placed first; 0 for an item that was not wanted. */
  readonly gains: ArrayLike<number>
  /** Gains of everything that was wanted, listed or not, highest first; all above 0. Its length is R. */
  readonly ideal: ArrayLike<number>
}

/**
 * A metric of one user's first k places. Pure. `at` gives null when the user wanted nothing (R = 0): such a user
 * is left out of the mean and counted, because 0 would blame the ranking for it. An empty list scores 0.
 */
export interface ListMetric extends MetricSpec {
  at(judged: Judged, k: number): number | null
}

/** A mean with its interval. `low` and `high` are null where no honest interval exists (see the metric). */
export interface Estimate {
  readonly value: number
  readonly low: number | null
  readonly high: number | null
}

/** @throws RangeError unless k is a whole number from 1 */
export function checkK(k: number): void {
  if (!Number.isInteger(k) || k < 1) throw new RangeError(`Cannot measure the first k places: k is ${k}, not 1 or more`)
}

/** How many of the first k places hold something wanted. */
export function hitsAt(judged: Judged, k: number): number {
  checkK(k)
  let hits = 0
  for (let i = 0; i < k && i < judged.gains.length; i++) if (judged.gains[i] > 0) hits++
  return hits
}
