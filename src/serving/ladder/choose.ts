import type { Objective, Rung } from '../../domain/index.ts'
import type { Choose, Way } from '../pipeline/index.ts'
import { type Prospect, worthTrading } from './trade.ts'

/** Worth of each rung's slates to the primary metric, as a share of the healthy ones; measured on the world. */
export type Quality = Readonly<Record<Rung, number>>

/**
 * The first way down the ladder that is not worth leaving for a lower one: quality is given up only when slates would
 * otherwise be late, and only at the price that the objective names.
 */
export function chooseBy(quality: Quality, trade: Objective['trade']): Choose {
  return (ways) => {
    const prospects = prospectsOf(ways, quality)
    let chosen = 0
    for (let i = 1; i < prospects.length; i++) {
      if (worthTrading(prospects[chosen] as Prospect, prospects[i] as Prospect, trade)) chosen = i
    }
    return chosen
  }
}

/** From the last way up: what ends well is worth its rung, what ends otherwise goes on below, what is late is lost. */
export function prospectsOf(ways: readonly Way[], quality: Quality): Prospect[] {
  const prospects: Prospect[] = []
  let below: Prospect = { primary: 0, guardrail: 1 }
  for (const { rung, chance } of [...ways].reverse()) {
    const { ended, succeeded } = chance
    below = {
      primary: succeeded * quality[rung] + (ended - succeeded) * below.primary,
      guardrail: succeeded + (ended - succeeded) * below.guardrail,
    }
    prospects.unshift(below)
  }
  return prospects
}
