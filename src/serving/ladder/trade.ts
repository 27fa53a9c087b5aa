import type { Objective } from '../../domain/index.ts'

/** What is to be expected of a way to answer. */
export interface Prospect {
  /** Expected share of the healthy slate's worth to the primary metric; a slate that is late is worth nothing. */
  readonly primary: number
  /** Expected share of slates that are in time: the guardrail. */
  readonly guardrail: number
}

/**
 * Is it worth giving up `from` for `to`? The rule of the objective's willingness to trade, applied to relative changes:
 * U = dGuardrail - r max(0, -dPrimary), r = trade.guardrail / trade.primary, and the guardrail must gain. With the
 * default of 0.5 % for 5 %, each percent of the primary metric must buy ten percent of slates in time.
 */
export function worthTrading(from: Prospect, to: Prospect, trade: Objective['trade']): boolean {
  const gain = relative(from.guardrail, to.guardrail)
  const loss = Math.max(0, -relative(from.primary, to.primary))
  if (!(gain > 0)) return false
  if (loss === 0) return true
  return trade.primary > 0 && gain - (trade.guardrail / trade.primary) * loss > 0
}

function relative(from: number, to: number): number {
  if (from > 0) return (to - from) / from
  return to > 0 ? Number.POSITIVE_INFINITY : 0
}
