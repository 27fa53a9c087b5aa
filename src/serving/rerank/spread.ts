/** Similarity of two candidates by index, 0 to 1; 1 with itself. */
export type Similarity = (i: number, j: number) => number

/** Writes the similarity of one candidate to every one into `out` [count]. */
export type SimilarityRow = (i: number, out: Float64Array) => void

/** One by one, for want of anything quicker. */
export const rowOf =
  (similarity: Similarity): SimilarityRow =>
  (i, out) => {
    for (let j = 0; j < out.length; j++) out[j] = similarity(i, j)
  }

/**
 * A greedy trade between relevance and diversity: says what each candidate would be worth as the next pick, given the
 * latest picks. Candidates are indexed best first; the next pick is the allowed one of greatest worth, the first of
 * equals. Told of every pick, its own choice or not.
 */
export interface Spread {
  /** [count] worth of each candidate as the next pick; meaningless for those already picked. */
  readonly gains: Float64Array
  pick(index: number): void
}

/** No diversity: relevance alone. */
export function plainSpread(relevance: Float64Array): Spread {
  return { gains: relevance, pick: () => {} }
}

/** The `limit` greedy picks of a spread without any other rule; stops early where `enough` says of a gain that it is too little. */
export function greedy(spread: Spread, limit: number, enough: (gain: number) => boolean = () => true): number[] {
  const picks: number[] = []
  const taken = new Set<number>()
  while (picks.length < Math.min(limit, spread.gains.length)) {
    let best = -1
    for (let i = 0; i < spread.gains.length; i++)
      if (!taken.has(i) && (best < 0 || spread.gains[i] > spread.gains[best])) best = i
    if (!enough(spread.gains[best])) break
    picks.push(best)
    taken.add(best)
    spread.pick(best)
  }
  return picks
}
