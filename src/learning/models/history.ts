import type { Histories } from '../../stream/features/index.ts'
import type { RequestFacts } from './ranking-rows.ts'

/**
 * A viewer's history as models read it, and as samples keep it: oldest first, without what lies after the moment.
 * `most`: the latest so many entries; give the specification's `history`.
 */
export function historyAt(histories: Histories, user: number, at: number, most: number): RequestFacts['history'] {
  const items: number[] = []
  const ago: number[] = []
  const kinds: number[] = []
  const completions: number[] = []
  for (let back = user < 0 ? -1 : histories.length(user) - 1; back >= 0; back--) {
    const seconds = (at - histories.at(user, back)) / 1000
    if (seconds < 0) continue
    const completion = histories.completion(user, back)
    items.push(histories.item(user, back))
    ago.push(seconds)
    kinds.push(histories.kind(user, back))
    completions.push(Number.isNaN(completion) ? -1 : completion)
  }
  const from = Math.max(0, items.length - most)
  return {
    items: items.slice(from),
    ago: ago.slice(from),
    kinds: kinds.slice(from),
    completions: completions.slice(from),
  }
}
