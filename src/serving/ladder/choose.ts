import type { Objective } from '../../domain/index.ts'
import type { Choose, Way } from '../pipeline/index.ts'
import { type Prospect, worthTrading } from './trade.ts'

/**
 * The first way that is not worth leaving for a lower one, which costs less. Worth is given up only when slates would
 * otherwise be late, and only at the price that the objective names; a way that is worth less than what is below it and no
 * more in time is never gone.
 */
export function chooseBy(trade: Objective['trade']): Choose {
  return (ways) => (isBest(ways[0]) ? 0 : choiceOf(ways, trade).chosen)
}

/** What there is to expect of the chosen way. */
export function prospectOf(ways: readonly Way[], trade: Objective['trade']): Prospect {
  return choiceOf(ways, trade).prospect
}

/** From the last way up: what ends well is worth its way, what ends otherwise goes on by the best below, what is late is lost. */
function choiceOf(ways: readonly Way[], trade: Objective['trade']): { chosen: number; prospect: Prospect } {
  let chosen = ways.length
  let below: Prospect = { primary: 0, guardrail: 1 }
  for (let i = ways.length - 1; i >= 0; i--) {
    const { worth, chance } = ways[i] as Way
    const { ended, succeeded } = chance
    const own = {
      primary: succeeded * worth + (ended - succeeded) * below.primary,
      guardrail: succeeded + (ended - succeeded) * below.guardrail,
    }
    if (i < ways.length - 1 && (isBetter(below, own) || worthTrading(own, below, trade))) continue
    below = own
    chosen = i
  }
  return { chosen, prospect: below }
}

/** Smaller differences come of rounding. */
const SAME = 1e-9

function isBetter(one: Prospect, other: Prospect): boolean {
  return one.primary > other.primary + SAME && one.guardrail >= other.guardrail - SAME
}

/** Nothing is worth more: then nobody needs to look at what is below. */
function isBest(way: Way | undefined): boolean {
  return way !== undefined && way.worth * way.chance.succeeded >= 1
}
