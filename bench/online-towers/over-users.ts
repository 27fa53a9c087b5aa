import type { Estimate } from '../../src/judging/metrics/index.ts'
import { clusteredRatio } from '../../src/learning/training/index.ts'

/** Mean of a value over cases, with its interval over users; null for none. */
export function overUsers<T extends { readonly user: number }>(
  cases: readonly T[],
  value: (one: T) => number,
): Estimate | null {
  const sums = new Map<number, [sum: number, count: number]>()
  for (const one of cases) {
    const [sum, count] = sums.get(one.user) ?? [0, 0]
    sums.set(one.user, [sum + value(one), count + 1])
  }
  const all = [...sums.values()]
  return clusteredRatio(
    all.map(([sum]) => sum),
    all.map(([, count]) => count),
  )
}
