import { type Estimate, pairedDifference } from '../judging/metrics/index.ts'
import type { Worth } from './oracle.ts'

/** Mean with its interval, 1 for as much; null without a user in both. */
export type WorthShare = Estimate | null

/**
 * What slates are worth as a share of what the same users were given a moment before, when nothing was broken: mean and
 * 95 % interval over users.
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
  const mean = b.reduce((sum, worth) => sum + worth, 0) / b.length
  const difference = pairedDifference(a, b)
  if (!difference || !(mean > 0)) return null
  const share = (by: number | null) => (by === null ? null : 1 + by / mean)
  return { ...difference, value: 1 + difference.value / mean, low: share(difference.low), high: share(difference.high) }
}
