import type { Scorer } from '../pipeline/index.ts'

/** A scorer that may have nothing to score with for now. */
export interface Learned extends Scorer {
  /** The version in use, or undefined. */
  readonly version: string | undefined
}

/**
 * The trained model while one is live, the ranker set by hand otherwise. Whoever begins a set scores it to the end; what
 * fails is for the pipeline to catch.
 */
export function liveOr(learned: Learned, simple: Scorer): Scorer {
  const current = () => (learned.version === undefined ? simple : learned)
  return {
    get name() {
      return current().name
    },
    get byHand() {
      return current().byHand === true
    },
    score: (query, candidates, out) => current().score(query, candidates, out),
    prepare: (query) => current().prepare?.(query),
    // Only asked of a set without predictions, which the one set by hand has scored.
    explain: (query, candidates, index) => simple.explain?.(query, candidates, index) ?? {},
    click: (query, candidates, index) => simple.click?.(query, candidates, index) ?? Number.NaN,
  }
}
