import { historyAt, type RequestFacts } from '../../learning/models/index.ts'
import type { Histories } from '../../stream/features/index.ts'
import type { Query } from '../pipeline/index.ts'
import type { TwoTowerEntry } from './two-tower-artifact.ts'

/** The viewer as they are now; the item that is followed stands at the end of the history, as what `followedKind` says was done with it. */
export function towersRequest(
  { viewer, item, at, surface }: Query,
  { model, surfaces }: TwoTowerEntry,
  histories: Histories,
  followedKind: number,
): RequestFacts {
  const past = historyAt(histories, viewer.personal ? viewer.row : -1, at, model.spec.history)
  const request = { user: -1, at, surface: Math.max(0, surfaces.indexOf(surface)), history: past }
  if (item < 0) return request
  const { items, ago, kinds, completions } = past
  const history = {
    items: [...Array.from(items), item],
    ago: [...Array.from(ago), 0],
    kinds: [...Array.from(kinds), followedKind],
    completions: [...Array.from(completions), -1],
  }
  return { ...request, history }
}
