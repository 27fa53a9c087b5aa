import type { Config } from './config/index.ts'
import type { Rung } from './slate.ts'

/** Worth of slates to the primary metric as shares of the healthy ones: by rung, and by circumstance where that matters. */
export type Quality = Config['ladder']['quality']

/** An order and how it came about: what its worth depends on. */
export interface Standing {
  readonly rung: Rung
  /** Did a rule set by hand take the place of a trained ranker? */
  readonly byHand?: boolean
  /** Was it ranked without online features, or without a group of them? */
  readonly withoutFeatures?: boolean
}

/** The least of the figures that apply: a circumstance makes no order better. */
export function worthOf(quality: Quality, { rung, byHand, withoutFeatures }: Standing): number {
  const of = (figures: Partial<Record<Rung, number>>) => figures[rung] ?? 1
  return Math.min(quality[rung], byHand ? of(quality.byHand) : 1, withoutFeatures ? of(quality.withoutFeatures) : 1)
}
