import type { SurfaceConfig } from '../../domain/index.ts'
import type { Candidates, Check, ItemFacts, Pick, Query, Reranker } from '../pipeline/index.ts'
import { Board } from './board.ts'
import { type Contenders, contendersOf } from './contenders.ts'
import { Dpp, dppWorth } from './dpp.ts'
import { drawLots, type Lots, poolFor } from './exploration.ts'
import { Mmr } from './mmr.ts'
import { pinsOf, slotsOnPage } from './slots.ts'
import { plainSpread, type Spread } from './spread.ts'

/** The source whose candidates take the pin slots. */
const PINS = 'pins'

/**
 * The rerank of every surface; method, strength, window, caps and slots come from `query.plan`.
 *
 * 1. Policy, on the state of this very moment, over all ranked candidates. What passes is the one ordered pool that
 *    everything below takes from, so refilling needs no second pass and no later removal can bend a propensity.
 * 2. Pins take the pin slots in their source's order. They are exempt from the caps and count towards them.
 * 3. The other positions, except the exploration slots, are filled greedily by relevance and diversity under the
 *    caps - as if the exploration slots stayed empty. No lot plays a part: propensity 1.
 * 4. The pool of exploration is what is fresh and was not picked in 2 and 3; slots draw from it uniformly, without
 *    replacement: propensity 1 / |pool| at each slot. Should the pool be smaller than the slots, the last slots are
 *    given back to step 3, and the pool is made anew, until it suffices.
 *
 * An item that step 3 would have picked if there were no exploration slots is in the pool like any other: it is shown
 * by lot or not at all, and its propensity says so. So the propensities of a position sum to 1 over all items.
 */
export function createReranker(facts: ItemFacts): Reranker {
  return { name: 'slate', rerank: (query, ranked, limit, policy) => rerank(facts, query, ranked, limit, policy) }
}

function rerank(facts: ItemFacts, query: Query, ranked: Candidates, limit: number, policy: Check): Pick[] {
  const { plan, offset } = query
  const contenders = contendersOf(ranked, policy, facts)
  const length = Math.min(limit, contenders.count)
  const pins = pinsOf(contenders, ranked, PINS)
  const pinned = new Map(
    slotsOnPage(plan.pinSlots, offset, length).flatMap((slot, i) =>
      i in pins ? [[slot, pins[i] as number] as const] : [],
    ),
  )
  const wanted = slotsOnPage(plan.explorationSlots, offset, length).filter((slot) => !pinned.has(slot))

  const { board, lots } = settle(facts, query, contenders, length, pinned, wanted)
  const picks = Array.from(board.slate, (contender, position) => ({
    index: contender < 0 ? -1 : contenders.indices[contender],
    propensity: 1,
    explored: false,
    pinned: pinned.has(position),
  }))
  if (lots.slots.length > 0) {
    for (const { position, contender } of drawLots(lots, query.random('explore'))) {
      const index = contenders.indices[contender]
      picks[position] = { index, propensity: 1 / lots.pool.length, explored: true, pinned: false }
    }
  }
  return picks
}

/** Steps 2 to 4 up to the draw: everything that is certain, and the lots that are not. */
function settle(
  facts: ItemFacts,
  query: Query,
  contenders: Contenders,
  length: number,
  pinned: ReadonlyMap<number, number>,
  wanted: readonly number[],
): { board: Board; lots: Lots } {
  const { plan, at } = query
  const fresh = wanted.length === 0 ? [] : freshOf(facts, contenders, at)
  for (let count = Math.min(wanted.length, fresh.length); ; count--) {
    const slots = wanted.slice(0, count)
    const board = new Board(contenders, plan, length)
    for (const [position, contender] of pinned) board.put(position, contender)
    board.fill(spreadOf(facts, plan, contenders), new Set(slots))
    if (count === 0) return { board, lots: { slots, pool: [] } }
    const free = fresh.filter((i) => !board.has(i))
    const pool = poolFor(free, board.relaxations(slots, free), count)
    if (pool) return { board, lots: { slots, pool } }
  }
}

function freshOf(facts: ItemFacts, contenders: Contenders, at: number): number[] {
  const fresh: number[] = []
  for (let i = 0; i < contenders.count; i++) if (facts.fresh(contenders.rows[i], at)) fresh.push(i)
  return fresh
}

function spreadOf(facts: ItemFacts, plan: SurfaceConfig, { relevance, rows }: Contenders): Spread {
  const strength = plan.diversityStrength
  if (plan.diversity === 'none' || strength === 0) return plainSpread(relevance)
  const similarity = (i: number, j: number) => (i === j ? 1 : facts.similarity(rows[i], rows[j]))
  const row = (i: number, out: Float64Array) => {
    facts.similarities(rows[i], rows, out)
    out[i] = 1
  }
  if (plan.diversity === 'mmr') return new Mmr(relevance, similarity, 1 - strength, plan.diversityWindow, row)
  return new Dpp(dppWorth(relevance, 1 - strength), similarity, plan.diversityWindow, row)
}
