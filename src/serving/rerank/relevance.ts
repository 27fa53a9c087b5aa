/** Least relevance: of a candidate whose score is no number or lies infinitely far below the best. */
const LEAST = 1e-6

/**
 * Scores of any scale as relevance in (0, 1], so that they can be traded against similarity: 1 / (1 + gap / scale),
 * where gap is the distance to the best score and scale is the gap of the median. The best gets 1, the median one
 * half, and a far outlier at either end does not squeeze the others together as min-max would. Keeps the order:
 * a higher score never gets a lower relevance. `scores`: best first, NaN last.
 */
export function relevanceOf(scores: ArrayLike<number>): Float64Array {
  const count = scores.length
  const relevance = new Float64Array(count)
  let finite = 0
  while (finite < count && Number.isFinite(scores[finite])) finite++
  const best = scores[0]
  const median = best - scores[Math.floor(finite / 2)]
  // More than half may tie with the best: the mean gap then still tells the rest apart.
  const scale = median > 0 ? median : meanGap(scores, finite)
  for (let i = 0; i < count; i++) {
    const gap = best - scores[i]
    relevance[i] = i >= finite ? LEAST : gap > 0 ? Math.max(LEAST, 1 / (1 + gap / scale)) : 1
  }
  return relevance
}

function meanGap(scores: ArrayLike<number>, count: number): number {
  let sum = 0
  for (let i = 0; i < count; i++) sum += scores[0] - scores[i]
  return sum / count
}
