import type { Config } from '../../../domain/index.ts'
import type { LexicalIndex } from '../../search/index.ts'
import type { Retrieved } from '../../pipeline/index.ts'
import type { ContentIndex } from '../indexes/content-index.ts'
import { MadeLists } from '../indexes/made.ts'
import { first } from './first.ts'

/** Answers kept of each kind, at most 8 bytes a result. */
const KEPT = 2048
/** Results of an answer that is kept; its beginning serves whoever wants less. Who wants more asks the index. */
const SEARCH_LENGTH = 1000
const ALIKE_LENGTH = 300
const NO_SUMS = new Float64Array(0)

/**
 * What an index answers to a question that many ask, whoever they are: made anew when the catalogue has changed since, at
 * most every `listRefreshMs`. Policy is no matter here: filters look at every candidate as it is now.
 */
class Answers<K> {
  private readonly made: MadeLists<K, Retrieved>
  private readonly length: number

  constructor(config: Pick<Config['retrieval'], 'listRefreshMs'>, length: number) {
    this.length = length
    this.made = new MadeLists(config.listRefreshMs, KEPT)
  }

  find(key: K, limit: number, at: number, version: number, ask: (limit: number) => Retrieved): Retrieved {
    if (limit > this.length) return ask(limit)
    const ground = { version, sums: NO_SUMS, blend: 0 }
    return first(
      this.made.get(key, at, ground, () => ask(this.length)),
      limit,
    )
  }
}

/** Head queries. */
export class Searches {
  private readonly index: LexicalIndex
  private readonly answers: Answers<string>

  constructor(index: LexicalIndex, config: Pick<Config['retrieval'], 'listRefreshMs'>) {
    this.index = index
    this.answers = new Answers(config, SEARCH_LENGTH)
  }

  /** Items whose words match a text, best first. `at`: of the request. */
  find(text: string, limit: number, at: number): Retrieved {
    return this.answers.find(text, limit, at, this.index.version, (most) => this.index.search(text, most))
  }
}

/** Items that many follow. */
export class Alike {
  private readonly index: ContentIndex
  private readonly answers: Answers<number>

  constructor(index: ContentIndex, config: Pick<Config['retrieval'], 'listRefreshMs'>) {
    this.index = index
    this.answers = new Answers(config, ALIKE_LENGTH)
  }

  /** Items of like content, best first. `at`: of the request. */
  to(item: number, limit: number, at: number): Retrieved {
    return this.answers.find(item, limit, at, this.index.version, (most) => this.index.like([item], [1], most))
  }
}
