import { type Estimate, pairedDifference } from '../judging/metrics/index.ts'
import type { Worth } from './oracle.ts'

/** Mean with its interval, 1 for as much; null without a user in both. */
export type WorthShare = Estimate | null

/**
 * What slates are worth as a share of what the same users were given a moment before, when nothing was broken: ratio of
 * the means and its 95 % interval over users, by linearisation: what varies is a - ratio x b (Cochran 1977, section 6.3).
 */
export function shareOf(
  name: keyof Worth,
  now: ReadonlyMap<number, Worth>,
  before: ReadonlyMap<number, Worth>,
): WorthShare {
  const users = [...now.keys()].filter((user) => before.has(user))
  const [a, b] = [now, before].map((worths) => users.map((user) => (worths.get(user) as Worth)[name])) as [
    number[],
    number[],
  ]
  const meanOf = (worths: readonly number[]) => worths.reduce((sum, worth) => sum + worth, 0) / worths.length
  const mean = meanOf(b)
  if (!(mean > 0)) return null
  const value = meanOf(a) / mean
  const noise = pairedDifference(
    a,
    b.map((worth) => value * worth),
  )
  const end = (by: number | null | undefined) => (typeof by === 'number' ? value + by / mean : null)
  return { value, low: end(noise?.low), high: end(noise?.high) }
}
