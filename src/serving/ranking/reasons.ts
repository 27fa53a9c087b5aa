import type { Config } from '../../domain/index.ts'
import type { Candidates, Query } from '../pipeline/index.ts'
import { evidenceOf, sourceShares } from './evidence.ts'

/** Why a viewer sees an item. The sentences are configuration. */
export type Why = keyof Config['sentences']['plain']

const whyOfSource: Readonly<Record<string, Why>> = {
  slim: 'taste',
  covisit: 'taste',
  similar: 'alike',
  following: 'after',
  followed: 'creator',
  interests: 'interest',
  trending: 'trending',
  popular: 'popular',
  fresh: 'fresh',
  pins: 'editorial',
  lexical: 'match',
  resume: 'resume',
  again: 'again',
}

export interface ViewerReason {
  readonly why: Why
  /** The source that spoke most for the item, or undefined when none did (a sweep). */
  readonly source: string | undefined
}

/**
 * The main reason of a candidate: an editorial pin or a lot says so; otherwise the source whose rank and weight add
 * most, the first of equals.
 */
export function reasonFor(
  query: Query,
  candidates: Candidates,
  index: number,
  how: { readonly pinned?: boolean; readonly explored?: boolean } = {},
): ViewerReason {
  if (how.pinned) return reason('editorial', 'pins')
  if (how.explored) return reason('fresh', candidates.sources.includes('fresh') ? 'fresh' : undefined)
  const shares = sourceShares(query, candidates)
  let main = -1
  let most = -1
  for (let s = 0; s < shares.length; s++) {
    const rank = candidates.sourceRanks[index * shares.length + s]
    if (rank === 0 || shares[s] * evidenceOf(rank) <= most) continue
    main = s
    most = shares[s] * evidenceOf(rank)
  }
  const source = candidates.sources[main]
  if (source === undefined) return reason('recommended', source)
  const why = whyOfSource[source] ?? 'recommended'
  // Without a history, what these sources started from is the item that the slate follows.
  const startsFromItem = (why === 'taste' || why === 'alike') && query.item >= 0 && query.viewer.historyLength === 0
  return reason(startsFromItem ? 'after' : why, source)
}

function reason(why: Why, source: string | undefined): ViewerReason {
  return { why, source }
}
