import { auc } from './auc.ts'
import type { MetricSpec } from './contract.ts'

export const gaucSpec: MetricSpec = {
  name: 'gauc',
  better: 'higher',
  range: [0, 1],
  say: 'AUC within each user, weighted by impressions',
}

export interface GroupSample {
  readonly labels: ArrayLike<number>
  readonly scores: ArrayLike<number>
}

export interface GroupedAuc {
  /** Weighted by each user's impressions; null when no user has both classes. */
  readonly value: number | null
  /** Every user counts the same. */
  readonly unweighted: number | null
  readonly users: number
  /** Users with one class only: undefined for them, left out. */
  readonly skipped: number
}

/** GAUC = sum of n_u AUC_u / sum of n_u over users with both classes (Zhou et al., DIN, KDD'18). */
export function gauc(groups: Iterable<GroupSample>): GroupedAuc {
  let weighted = 0
  let weight = 0
  let plain = 0
  let users = 0
  let skipped = 0
  for (const { labels, scores } of groups) {
    const value = auc(labels, scores)
    if (value === null) {
      skipped++
      continue
    }
    users++
    plain += value
    weighted += value * labels.length
    weight += labels.length
  }
  return { value: users ? weighted / weight : null, unweighted: users ? plain / users : null, users, skipped }
}
