import type { Config } from '../../domain/index.ts'
import type { Scorer } from '../pipeline/index.ts'
import { EVIDENCE_LOGITS } from './bootstrap.ts'
import { evidenceOf, sourceShares, totalEvidence } from './evidence.ts'

/** Logarithmic popularity at which the prior counts half. */
const HALF_POPULARITY = 3

/**
 * The coarse rank: what the sources say, and a little popularity - the two parts of the fine score that cost nothing
 * to read. `popularity` gives a mass of any scale, 0 or more, such as a decayed count of an item.
 */
export function bootstrapCoarse({ ranking }: Pick<Config, 'ranking'>, popularity: (row: number) => number): Scorer {
  const { sourceWeight, popularityWeight } = ranking
  const prior = (row: number) => {
    const mass = Math.log1p(Math.max(0, popularity(row)))
    return (popularityWeight * mass) / (mass + HALF_POPULARITY)
  }
  return {
    name: 'bootstrap',
    byHand: true,
    score(query, candidates, out) {
      const shares = sourceShares(query, candidates)
      for (let i = 0; i < candidates.count; i++) {
        const evidence = totalEvidence(candidates, shares, i)
        out[i] = sourceWeight * EVIDENCE_LOGITS * evidence + prior(candidates.rows[i])
      }
    },
    explain(query, candidates, index) {
      const shares = sourceShares(query, candidates)
      const parts: Record<string, number> = { popularity: prior(candidates.rows[index]) }
      candidates.sources.forEach((name, s) => {
        const rank = candidates.sourceRanks[index * shares.length + s]
        if (rank > 0) parts[`source.${name}`] = sourceWeight * EVIDENCE_LOGITS * shares[s] * evidenceOf(rank)
      })
      return parts
    },
  }
}
