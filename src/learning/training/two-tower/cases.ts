import { Random } from '../../../foundation/base/index.ts'
import type { Dataset } from '../../../stream/samples/index.ts'
import type { RequestFacts } from '../../models/index.ts'
import type { Examples } from './examples.ts'

/** What a retrieval model is asked: a request as it is known at a moment, and the item that was wanted then. */
export interface RetrievalCases {
  /** [cases] rows of items. */
  readonly wanted: Uint32Array
  /** [cases] what intervals take as one cluster: a user; each request of a stranger is one of its own. */
  readonly users: Int32Array
  request(index: number): RequestFacts
  /** Rows of items that are left out of the ranking: seen before. */
  seen(index: number): Iterable<number>
  /** Was an item there when it was asked? What was not takes no part. Left out, all were. */
  readonly there?: (index: number) => (row: number) => boolean
}

/** The examples of samples as cases; seen is what their histories hold. */
export function casesFrom(samples: Dataset, { request, item }: Examples): RetrievalCases {
  return {
    wanted: item,
    users: Int32Array.from(request, (number) => {
      const { user } = samples.request(number)
      return user >= 0 ? user : -1 - number
    }),
    request: (index) => samples.request(request[index]),
    seen: (index) => samples.request(request[index]).history.items,
  }
}

/** At most so many cases, by lot, in their order. */
export function drawCases(cases: RetrievalCases, most: number, seed: string): RetrievalCases {
  const n = cases.wanted.length
  const { there } = cases
  if (n <= most) return cases
  const kept = new Random(seed)
    .shuffle(Uint32Array.from({ length: n }, (_, i) => i))
    .subarray(0, most)
    .sort()
  return {
    wanted: kept.map((i) => cases.wanted[i]),
    users: Int32Array.from(kept, (i) => cases.users[i]),
    request: (index) => cases.request(kept[index]),
    seen: (index) => cases.seen(kept[index]),
    ...(there && { there: (index: number) => there(kept[index]) }),
  }
}
