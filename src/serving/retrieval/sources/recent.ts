import type { Histories } from '../../../stream/features/index.ts'

export interface Recent {
  readonly rows: number[]
  readonly weights: number[]
}

/**
 * The viewer's latest items, newest first, each weighted by how recent it is and how strong the signal was:
 * 2^(-back / half) x (0.5 + min(1, strength / 4) / 2). `half`: items ago at which an item counts half.
 */
export function recentItems(histories: Histories, user: number, most: number, half: number): Recent {
  const count = user < 0 ? 0 : Math.min(most, histories.length(user))
  const rows: number[] = []
  const weights: number[] = []
  for (let back = 0; back < count; back++) {
    rows.push(histories.item(user, back))
    weights.push(2 ** (-back / half) * (0.5 + Math.min(1, histories.strength(user, back) / 4) / 2))
  }
  return { rows, weights }
}
