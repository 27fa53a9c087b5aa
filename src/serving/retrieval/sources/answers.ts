import type { Config } from '../../../domain/index.ts'
import type { LexicalIndex } from '../../search/index.ts'
import type { Retrieved } from '../../pipeline/index.ts'
import type { ContentIndex } from '../indexes/content-index.ts'
import { MadeLists } from '../indexes/made.ts'
import { first } from './first.ts'

/** Answers kept of each kind, at most 4 KiB each. */
const KEPT = 2048
/** Longest answer that is kept; its beginning serves whoever wants less. */
const KEPT_LENGTH = 300
const NO_SUMS = new Float64Array(0)

/**
 * What an index answers to a question that many ask, whoever they are: made anew when the catalogue has changed since, at
 * most every `listRefreshMs`. Policy is no matter here: filters look at every candidate as it is now.
 */
class Answers<K> {
  private readonly made: MadeLists<K, Retrieved>

  constructor(config: Pick<Config['retrieval'], 'listRefreshMs'>) {
    this.made = new MadeLists(config.listRefreshMs, KEPT)
  }

  find(key: K, limit: number, at: number, version: number, ask: (limit: number) => Retrieved): Retrieved {
    if (limit > KEPT_LENGTH) return ask(limit)
    const ground = { version, sums: NO_SUMS, blend: 0 }
    return first(
      this.made.get(key, at, ground, () => ask(KEPT_LENGTH)),
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
    this.answers = new Answers(config)
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
    this.answers = new Answers(config)
  }

  /** Items of like content, best first. `at`: of the request. */
  to(item: number, limit: number, at: number): Retrieved {
    return this.answers.find(item, limit, at, this.index.version, (most) => this.index.like([item], [1], most))
  }
}
