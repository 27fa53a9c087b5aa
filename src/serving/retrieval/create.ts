import type { Config } from '../../domain/index.ts'
import type { State } from '../../stream/catalog/index.ts'
import type { Histories } from '../../stream/features/index.ts'
import type { Source } from '../pipeline/index.ts'
import { LexicalIndex } from '../search/index.ts'
import { ContentIndex } from './indexes/content-index.ts'
import { CoVisitation } from './indexes/covisitation.ts'
import { FreshItems } from './indexes/fresh-items.ts'
import { PopularLists } from './indexes/lists.ts'
import { Slim } from './indexes/slim.ts'
import { Alike, Searches } from './sources/answers.ts'
import type { Indexes } from './sources/ground.ts'
import { type SourceName, sourceMakers } from './sources/index.ts'

export interface SourceParts {
  readonly state: State
  /** Its histories must have been added to the state before: indexes stand on them. */
  readonly features: { readonly histories: Histories }
  readonly config: Config['retrieval']
}

/** All sources over one state, with their indexes added to it. Call before the first entry is folded. */
export function createSources({ state, features, config }: SourceParts): {
  sources: Record<SourceName, Source>
  indexes: Indexes
} {
  const { histories } = features
  const indexes: Indexes = {
    lists: state.add(new PopularLists(state.items, config)),
    covisit: state.add(new CoVisitation(state.items, histories, config)),
    fresh: state.add(new FreshItems(state.items, state.kinds, config)),
    lexical: state.add(new LexicalIndex(state.items)),
    content: state.add(new ContentIndex(state.items)),
    slim: new Slim(state, histories, config),
  }
  const answers = { searches: new Searches(indexes.lexical, config), alike: new Alike(indexes.content, config) }
  const ground = { state, histories, config, indexes, ...answers }
  const made = Object.entries(sourceMakers).map(([name, make]) => [name, make(ground)])
  return { sources: Object.fromEntries(made) as Record<SourceName, Source>, indexes }
}
