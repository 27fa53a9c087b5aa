import type { Config } from '../../domain/index.ts'
import type { State } from '../../stream/catalog/index.ts'
import type { Histories } from '../../stream/features/index.ts'
import type { Candidates, Pick, Query } from '../../serving/pipeline/index.ts'
import { reasonFor, type Why } from '../../serving/ranking/index.ts'

/** How near two items are, from the index that pairs them: 0 for not at all. */
export type Likeness = (a: number, b: number) => number

/** History items looked at to name the one an item was chosen for. */
const LOOK_BACK = 10

export interface SentencesParts {
  readonly state: State
  readonly histories: Histories
  readonly likeness: Likeness
  readonly say: Config['sentences']
}

interface Said {
  readonly named: Config['sentences']['named']
  readonly plain: Config['sentences']['plain']
}

/** Why an item is on a slate, in a sentence that a viewer could read: the ranker's reason, with the name filled in. */
export class Sentences {
  private readonly state: State
  private readonly histories: Histories
  private readonly likeness: Likeness
  private readonly usual: Said
  private readonly languages: ReadonlyMap<string, Said>

  constructor({ state, histories, likeness, say }: SentencesParts) {
    this.state = state
    this.histories = histories
    this.likeness = likeness
    this.usual = say
    const translated = Object.entries(say.languages).map(([language, { named, plain }]): [string, Said] => [
      language.toLowerCase(),
      { named: { ...say.named, ...named }, plain: { ...say.plain, ...plain } },
    ])
    this.languages = new Map(translated)
  }

  of(query: Query, ranked: Candidates, pick: Pick): string {
    const { why } = reasonFor(query, ranked, pick.index, pick)
    const { named, plain } = this.said(query.viewer.speaks)
    const name = this.name(why, query, ranked.rows[pick.index])
    if (name === undefined || !isNamed(named, why)) return plain[why]
    return named[why].replace(/\{\w+\}/g, () => name)
  }

  /** In the viewer's language, else in that without its region, else as it is said to everybody. */
  private said(speaks: string | undefined): Said {
    if (speaks === undefined) return this.usual
    return this.languages.get(speaks) ?? this.languages.get(speaks.replace(/[-_].*/, '')) ?? this.usual
  }

  /** What a reason is about. */
  private name(why: Why, query: Query, row: number): string | undefined {
    switch (why) {
      case 'taste':
      case 'alike': {
        const nearest = this.nearest(query.viewer.row, row)
        return nearest < 0 ? undefined : this.title(nearest)
      }
      case 'after':
        return query.item < 0 ? undefined : this.title(query.item)
      case 'creator': {
        const creator = this.state.items.creator.array[row]
        return creator < 0 ? undefined : this.state.items.creators.name(creator)
      }
      case 'match':
        return query.text
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

function isNamed(named: Said['named'], why: Why): why is keyof Said['named'] {
  return why in named
}
