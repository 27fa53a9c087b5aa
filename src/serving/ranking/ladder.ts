import type { Clock } from '../../foundation/base/index.ts'
import { Breaker } from '../../foundation/resilience/index.ts'
import { type Candidates, missingGroups, type Query, type Scorer } from '../pipeline/index.ts'

/** A scorer that may have nothing to score with for now. */
export interface Learned extends Scorer {
  /** The version in use, or undefined. */
  readonly version: string | undefined
}

export interface LadderRungs {
  /** The model that should score. */
  readonly main: Learned
  /** The model for requests of which groups of features are missing. */
  readonly degraded?: Learned
  /** What always can: reads nothing that may be missing. */
  readonly last: Scorer
}

/**
 * The scorer of a stage as a ladder: the trained model, the bootstrap below it. A model without a live version is passed
 * over in silence; one that fails is passed over with a word about it, and is left alone for a while when it keeps failing.
 */
export function rankingLadder(stage: 'coarse' | 'fine', { main, degraded, last }: LadderRungs, clock: Clock): Scorer {
  const breakers = new Map([main, ...(degraded ? [degraded] : [])].map((rung) => [rung, new Breaker(clock)]))
  return {
    name: stage,
    async score(query, candidates, out) {
      const failed: string[] = []
      for (const rung of order(main, degraded, candidates)) {
        const breaker = breakers.get(rung) as Breaker
        if (rung.version === undefined) continue
        if (!breaker.allows()) {
          failed.push(`${rung.name} failed too often a moment ago`)
          continue
        }
        const { name } = rung
        try {
          await rung.score(query, candidates, out)
          breaker.succeeded()
          candidates.scoredBy[stage] = said(name, failed)
          return
        } catch (error) {
          breaker.failed()
          failed.push(`${name}: ${error instanceof Error ? error.message : String(error)}`)
        }
      }
      candidates.predictions = undefined
      await last.score(query, candidates, out)
      candidates.scoredBy[stage] = said(last.name, failed)
    },
    explain(query: Query, candidates: Candidates, index: number) {
      return candidates.predictions?.parts(index) ?? last.explain?.(query, candidates, index) ?? {}
    },
    click(query: Query, candidates: Candidates, index: number) {
      return candidates.predictions?.of(index)['click'] ?? last.click?.(query, candidates, index) ?? Number.NaN
    },
  }
}

function order(main: Learned, degraded: Learned | undefined, { reading }: Candidates): readonly Learned[] {
  if (!degraded) return [main]
  const poor = reading !== undefined && missingGroups(reading).length > 0
  return poor ? [degraded, main] : [main, degraded]
}

function said(by: string, failed: readonly string[]) {
  return failed.length === 0 ? { by } : { by, instead: failed.join('; ') }
}
