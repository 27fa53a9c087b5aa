import { DAY, MINUTE } from '../../../foundation/base/index.ts'
import { psiBands } from '../../../judging/drift/index.ts'

/** When a new index may serve, and when it must not go on. Shares are 0 to 1. */
export const lifeLimits = {
  /** Recall at 1000 against the exact answer on the labelled queries: below this it is refused. */
  recallLeast: 0.95,
  /** It may be this much below the index before it, on the same queries. */
  band: 0.02,
  /** Live queries that are asked of a new index too, before it serves. */
  shadowShare: 0.1,
  /** It is judged after this many of them ... */
  shadowQueries: 200,
  /** ... or after this time, by those there were. */
  shadowMs: 10 * MINUTE,
  /** What both gave, as a share of what the live one gave, on average: below this it is refused. */
  overlapLeast: 0.85,
  /** Population stability index of the scores of both, from the least number of scores on that says something. */
  psiMax: psiBands.act,
  /** The one before is kept, in memory and on disk, for this long. */
  keepMs: DAY,
  /** So is the last one of the embeddings before. */
  keepVersionMs: DAY,
  /** Slates looked at on each side of a swap. */
  watchSlates: 500,
  /** The source's share of what is shown may fall to this much of what it was. */
  contributionLeast: 0.5,
  /** A rebuild is due when this share lies outside the cells. */
  astrayMax: 0.05,
} as const

export type LifeLimits = { readonly [K in keyof typeof lifeLimits]: number }
