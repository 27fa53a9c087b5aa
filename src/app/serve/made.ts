import type { Slate } from '../../domain/index.ts'
import type { Outcome, OutcomeFacts, Query, QueryFacts } from '../../serving/pipeline/index.ts'
import type { EncodedRecord } from '../../serving/served/index.ts'

/** A slate, and all that is counted of it. Plain arrays and objects: it can go from thread to thread. */
export interface Made {
  readonly slate: Slate
  readonly query: QueryFacts
  readonly outcome: OutcomeFacts
  /** Predicted probability of a click per place; NaN where none was predicted. */
  readonly clicks: Float32Array
  /** For the served log; missing when there is none. */
  readonly record?: EncodedRecord
}

export function queryFacts({ plan: { needs }, ...query }: Query): QueryFacts {
  const { id, surface, viewer, item, text, offset, rule, excluded } = query
  return { id, surface, viewer, item, text, offset, rule, excluded, plan: { needs } }
}

export function outcomeFacts({ picks, stages, sources, removals, rung, kept, whole, ranked }: Outcome): OutcomeFacts {
  const { sources: names, count, rows, mask, scores, features } = ranked
  const facts = { sources: names, count, rows, mask, scores, features }
  return { picks, stages, sources, removals, rung, ...(kept !== undefined && { kept }), whole, ranked: facts }
}
