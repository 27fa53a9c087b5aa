import type { State } from '../../stream/catalog/index.ts'
import type { Histories } from '../../stream/features/index.ts'
import type { Candidates, Pick, Query } from '../../serving/pipeline/index.ts'
import { reasonFor, type Why, whys } from '../../serving/ranking/index.ts'

/** How near two items are, from the index that pairs them: 0 for not at all. */
export type Likeness = (a: number, b: number) => number

/** History items looked at to name the one an item was chosen for. */
const LOOK_BACK = 10

/** Why an item is on a slate, in a sentence that a viewer could read: the ranker's reason, with the name filled in. */
export class Sentences {
  private readonly state: State
  private readonly histories: Histories
  private readonly likeness: Likeness

  constructor(state: State, histories: Histories, likeness: Likeness) {
    this.state = state
    this.histories = histories
    this.likeness = likeness
  }

  of(query: Query, ranked: Candidates, pick: Pick): string {
    const { why, say } = reasonFor(query, ranked, pick.index, pick)
    const named = this.name(why, query, ranked.rows[pick.index])
    return named === undefined ? say : named
  }

  private name(why: Why, query: Query, row: number): string | undefined {
    switch (whys[why].about) {
      case 'history': {
        const nearest = this.nearest(query.viewer.row, row)
        if (nearest < 0) return undefined
        return `${why === 'taste' ? 'Because you watched' : 'Similar to'} ${this.title(nearest)}`
      }
      case 'item':
        return query.item < 0 ? undefined : `Often watched after ${this.title(query.item)}`
      case 'creator': {
        const creator = this.state.items.creator.array[row]
        return creator < 0 ? undefined : `From ${this.state.items.creators.name(creator)}, whom you follow`
      }
      case 'query':
        return `Matches "${query.text}"`
      default:
        return undefined
    }
  }

  /** The latest history item that is nearest, or -1. */
  private nearest(user: number, row: number): number {
    if (user < 0) return -1
    let nearest = -1
    let most = 0
    for (let back = 0; back < Math.min(LOOK_BACK, this.histories.length(user)); back++) {
      const item = this.histories.item(user, back)
      const near = this.likeness(item, row)
      if (near > most) {
        most = near
        nearest = item
      }
    }
    return nearest
  }

  private title(row: number): string {
    return this.state.items.document(row)?.title ?? this.state.items.ids.name(row)
  }
}
