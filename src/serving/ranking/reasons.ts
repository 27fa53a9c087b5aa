import type { Candidates, Query } from '../pipeline/index.ts'
import { evidenceOf, sourceShares } from './evidence.ts'

/** Why a viewer sees an item, as a sentence they could read. `about`: what the sentence may name in place of the general word. */
export const whys = {
  taste: { say: 'Because of what you watched', about: 'history' },
  alike: { say: 'Similar to what you watched', about: 'history' },
  after: { say: 'Often watched next', about: 'item' },
  creator: { say: 'From a creator you follow', about: 'creator' },
  interest: { say: 'From a category you like', about: 'category' },
  trending: { say: 'Trending now', about: 'nothing' },
  popular: { say: 'Popular now', about: 'nothing' },
  fresh: { say: 'New here', about: 'nothing' },
  editorial: { say: 'Picked by the editors', about: 'nothing' },
  match: { say: 'Matches your search', about: 'query' },
  resume: { say: 'Continue where you stopped', about: 'nothing' },
  again: { say: 'Worth watching again', about: 'nothing' },
  recommended: { say: 'Recommended', about: 'nothing' },
} as const satisfies Record<
  string,
  { say: string; about: 'history' | 'item' | 'creator' | 'category' | 'query' | 'nothing' }
>
export type Why = keyof typeof whys

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
  readonly say: string
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
  return { why, source, say: whys[why].say }
}
