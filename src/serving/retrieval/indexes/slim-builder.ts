import type { Histories } from '../../../stream/features/index.ts'
import { basketsOf, coveredItems } from './slim-baskets.ts'
import { SLIM_ITEMS_MAX, SlimSolver, type SlimWeights } from './slim-solver.ts'

/** Users counted between two looks at the time: each may take 80,000 operations. */
const USERS_PER_STEP = 4

export interface SlimOptions {
  readonly items: number
  readonly support: number
  readonly ridge: number
}

/** The model by source item. */
export interface SlimModel extends SlimWeights {
  /** Place of an item row in the model, or -1. */
  readonly placeOf: Int32Array
}

export interface SlimProgress {
  readonly phase: 'counting' | 'solving'
  readonly done: number
  readonly total: number
}

/** Of what a model is learnt. */
export interface SlimGround {
  readonly histories: Histories
  readonly users: number
  /** Item rows; those that come later are not in the model. */
  readonly rows: number
}

/** Learns the model on this thread in small steps. What users do meanwhile may or may not be counted. */
export function* buildSlim(
  { histories, users, rows }: SlimGround,
  { items, support, ridge }: SlimOptions,
): Generator<SlimProgress, SlimModel> {
  const covering = coveredItems(histories, users, rows, Math.min(items, SLIM_ITEMS_MAX))
  let step = covering.next()
  for (; !step.done; step = covering.next()) yield { phase: 'counting', done: step.value / 2, total: users }
  const { chosen, placeOf } = step.value
  yield { phase: 'counting', done: users / 2, total: users }

  const solver = new SlimSolver({ chosen, users, support, ridge })
  let counted = 0
  for (const basket of basketsOf(histories, users, step.value)) {
    solver.add(basket)
    if (counted++ % USERS_PER_STEP === 0) yield { phase: 'counting', done: (users + counted) / 2, total: users }
  }
  const solving = solver.solve()
  let solved = solving.next()
  for (; !solved.done; solved = solving.next()) yield { phase: 'solving', done: solved.value, total: chosen.length }
  return { placeOf, ...solved.value }
}
