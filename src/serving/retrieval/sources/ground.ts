import type { Config } from '../../../domain/index.ts'
import type { State } from '../../../stream/catalog/index.ts'
import type { Histories } from '../../../stream/features/index.ts'
import type { LexicalIndex } from '../../search/index.ts'
import type { Retrieved } from '../../pipeline/index.ts'
import type { ContentIndex } from '../indexes/content-index.ts'
import type { CoVisitation } from '../indexes/covisitation.ts'
import type { FreshItems } from '../indexes/fresh-items.ts'
import type { PopularLists } from '../indexes/lists.ts'
import type { Slim } from '../indexes/slim.ts'
import type { Alike, Searches } from './answers.ts'

/** What indexes the sources share. */
export interface Indexes {
  readonly slim: Slim
  readonly covisit: CoVisitation
  readonly lists: PopularLists
  readonly lexical: LexicalIndex
  readonly content: ContentIndex
  readonly fresh: FreshItems
}

/** What a source may stand on. */
export interface Ground {
  readonly state: State
  readonly histories: Histories
  readonly config: Config['retrieval']
  readonly indexes: Indexes
  readonly searches: Searches
  readonly alike: Alike
}

export const NOTHING: Retrieved = { rows: [], scores: [] }
