import type { MetricSpec } from './contract.ts'

export const coverageSpec: MetricSpec = {
  name: 'coverage',
  better: 'higher',
  range: [0, 1],
  say: 'share of the catalogue that is on at least one list',
}

/**
 * coverage@k = |union of the first k of all lists| / catalogue. `exposed`: how often each item was listed (zeros
 * allowed), `catalogue`: number of items that could have been. Null for an empty catalogue.
 *
 * It has no interval by resampling users: a resample holds fewer different users, hence fewer items, and its
 * percentiles lie below the value.
 * @throws RangeError when more items were exposed than the catalogue has
 */
export function coverage(exposed: Iterable<number>, catalogue: number): number | null {
  let seen = 0
  for (const count of exposed) if (count > 0) seen++
  if (seen > catalogue) throw new RangeError(`Cannot cover ${seen} items of a catalogue of ${catalogue}`)
  return catalogue === 0 ? null : seen / catalogue
}
