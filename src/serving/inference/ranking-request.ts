import { historyAt, type ScoreRequest } from '../../learning/models/index.ts'
import type { State } from '../../stream/catalog/index.ts'
import type { Features } from '../../stream/features/index.ts'
import type { Query } from '../pipeline/index.ts'

/** Codes of surfaces and kinds of events as a model learned them, by name. */
export interface RankingCodes {
  readonly surfaces: ReadonlyMap<string, number>
  readonly kinds: ReadonlyMap<string, number>
}

/** How the item that a slate follows stands at the end of the history: it was opened just now. */
const OPENED = 'click'

export const codesOf = (names: readonly string[]): Map<string, number> =>
  new Map(names.map((name, code) => [name, code]))

/**
 * A request as ranking models read it, but for its candidates: the viewer, the moment, the surface, the latest `most` entries
 * of the history; behind them the item that the slate follows, unless the viewer opened it last anyway.
 */
export function rankingRequest(
  { state, features }: { readonly state: State; readonly features: Features },
  { viewer, at, surface, item }: Query,
  { surfaces, kinds: codes }: RankingCodes,
  most: number,
): Omit<ScoreRequest, 'candidates' | 'features'> {
  const known = historyAt(features.histories, viewer.row, at, most)
  const names = state.kinds.names
  const kinds = Array.from(known.kinds, (kind) => codes.get(names[kind] ?? '') ?? 0)
  const whole = { user: viewer.row, at, surface: surfaces.get(surface) ?? 0 }
  if (item < 0 || known.items[known.items.length - 1] === item) return { ...whole, history: { ...known, kinds } }
  return {
    ...whole,
    history: {
      items: [...Array.from(known.items), item],
      ago: [...Array.from(known.ago), 0],
      kinds: [...kinds, codes.get(OPENED) ?? 0],
      completions: [...Array.from(known.completions), -1],
    },
  }
}
