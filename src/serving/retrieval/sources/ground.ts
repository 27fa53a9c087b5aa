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
}

export const NOTHING: Retrieved = { rows: [], scores: [] }

/** The first `limit` of a list. */
export function first(list: Retrieved, limit: number): Retrieved {
  if (list.rows.length <= limit) return list
  return { rows: Array.from(list.rows).slice(0, limit), scores: Array.from(list.scores).slice(0, limit) }
}
