import { DAY, Random, TopK } from '../foundation/base/index.ts'
import type { Audience } from './audience.ts'
import { expectedGain } from './behaviour.ts'
import { allowed, outAt } from './items.ts'
import type { Policy, Wish } from './policy.ts'
import type { Planted } from './truth.ts'

/** Popular items that were shown this often without being watched make room. */
const PASSED_OVER = 2
/** Lots per place before a random slate stays short. */
const TRIES = 20

/** May this item stand on a slate for the wish? Published is up to the caller. */
function eligible({ items, users }: Planted, wish: Wish, audience: Audience, row: number): boolean {
  if (row === wish.item || audience.watched(wish.user, row)) return false
  return allowed(items, row, users.region[wish.user], users.age[wish.user], wish.at)
}

/** Any eligible items, by lot. */
export function randomPolicy(planted: Planted, seed: string | number = 0): Policy {
  const random = new Random(`${planted.sizes.seed}/random-policy/${seed}`)
  return {
    slate(wish, audience) {
      const out = outAt(planted.items, wish.at)
      const picked: number[] = []
      for (let tries = wish.limit * TRIES; tries > 0 && picked.length < wish.limit; tries--) {
        const row = random.int(out)
        if (!picked.includes(row) && eligible(planted, wish, audience, row)) picked.push(row)
      }
      return picked
    },
  }
}

/**
 * The items with the most clicks until yesterday, those of the history counted, that the viewer has neither watched nor
 * passed over PASSED_OVER times: a list that never moved would be judged for its dullness.
 */
export function popularityPolicy(planted: Planted): Policy {
  let order = new Uint32Array(0)
  let madeAt = Number.NEGATIVE_INFINITY
  return {
    slate(wish, audience) {
      if (wish.at - madeAt >= DAY) {
        order = Uint32Array.from(audience.clicks.keys())
        order.sort((a, b) => audience.clicks[b] - audience.clicks[a] || a - b)
        madeAt = wish.at
      }
      const out = outAt(planted.items, wish.at)
      const picked: number[] = []
      for (const row of order) {
        if (picked.length === wish.limit) break
        if (row < out && audience.shown(wish.user, row) < PASSED_OVER && eligible(planted, wish, audience, row))
          picked.push(row)
      }
      return picked
    },
  }
}

/**
 * Knows the truth, session mood included: the items with the greatest expected gain for the viewer, see
 * `expectedGain`. Scores every eligible item.
 */
export function oraclePolicy(planted: Planted): Policy {
  return {
    slate(wish, audience) {
      const best = new TopK(wish.limit)
      const out = outAt(planted.items, wish.at)
      for (let row = 0; row < out; row++)
        if (eligible(planted, wish, audience, row))
          best.offer(row, expectedGain(planted.items, row, audience.meet(wish.user, row)))
      return best.take().rows
    },
  }
}
