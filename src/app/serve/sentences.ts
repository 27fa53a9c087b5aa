import type { State } from '../../stream/catalog/index.ts'
import type { Histories } from '../../stream/features/index.ts'
import type { Candidates, Pick, Query } from '../../serving/pipeline/index.ts'

/** Neighbours of an item and how near they are: from the index that proposed it. */
export type Likeness = (a: number, b: number) => number

/** History items looked at to name the one an item was chosen for. */
const LOOK_BACK = 10

/** Why an item is on a slate, in a sentence that a viewer could read. */
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
    if (pick.explored) return 'New here'
    if (pick.pinned) return 'Picked by the editors'
    const row = ranked.rows[pick.index]
    const main = this.mainSource(query, ranked, pick.index)
    switch (main) {
      case 'slim':
      case 'covisit':
        return this.because(query, row, 'Because you watched', 'Chosen for you')
      case 'similar':
        return query.item >= 0
          ? `Like ${this.title(query.item)}`
          : this.because(query, row, 'Like', 'Like what you watched')
      case 'following':
        return query.item >= 0 ? `Often watched after ${this.title(query.item)}` : 'Often watched next'
      case 'followed':
        return 'From a creator you follow'
      case 'interests':
        return 'From your favourite topics'
      case 'trending':
        return 'Trending now'
      case 'fresh':
        return 'New here'
      case 'lexical':
        return `Matches "${query.text}"`
      case 'resume':
        return 'Continue watching'
      case 'again':
        return 'You liked this before'
      case 'pins':
        return 'Picked by the editors'
      default:
        return 'Popular'
    }
  }

  /** The source with the greatest weighted reciprocal rank. */
  private mainSource(query: Query, ranked: Candidates, index: number): string | undefined {
    let best: string | undefined
    let most = 0
    ranked.sources.forEach((name, s) => {
      const rank = ranked.sourceRanks[index * ranked.sources.length + s]
      const worth = rank === 0 ? 0 : ((query.plan.sources[name]?.weight ?? 0) + 0.01) / (10 + rank)
      if (worth > most) {
        most = worth
        best = name
      }
    })
    return best
  }

  /** Names the history item that is nearest. */
  private because(query: Query, row: number, start: string, otherwise: string): string {
    const user = query.viewer.row
    if (user < 0) return otherwise
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
    return nearest < 0 ? otherwise : `${start} ${this.title(nearest)}`
  }

  private title(row: number): string {
    return this.state.items.document(row)?.title ?? this.state.items.ids.name(row)
  }
}
