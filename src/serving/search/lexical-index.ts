import { Cell, type Shelf } from '../../foundation/base/index.ts'
import type { Item } from '../../domain/index.ts'
import type { Items, Projection } from '../../stream/catalog/index.ts'
import { Finder } from './finder.ts'
import { Postings, SPLIT_AT } from './postings.ts'
import { stemOf, stopWords, wordsOf } from './tokens.ts'
import { Vocabulary } from './vocabulary.ts'

/** Weight of a word by where it stands: whole numbers. */
export const boosts = { title: 4, tags: 2, categories: 2, creator: 2, description: 1 } as const
/** Words of one item that are indexed, and of one query that are looked up. */
const ITEM_WORDS_MAX = 2000
const QUERY_WORDS_MAX = 32
/** What a word that only begins with the query's last word counts. */
const PREFIX_WEIGHT = 0.4

export interface LexicalOptions {
  /** Saturation of term frequency. Default 1.2. */
  readonly k1?: number
  /** Length normalisation, 0 to 1. Default 0.75. */
  readonly b?: number
  /** Fold plurals. Default true. */
  readonly stem?: boolean
  /** Let the last word of a query match as a prefix, too. Default true. */
  readonly prefix?: boolean
  /** Leave stop words out of queries that have other words. Default true. */
  readonly stop?: boolean
  /** Documents of a word at which its postings are parted. Default 1024; answers are the same. */
  readonly splitAt?: number
}

/**
 * Full-text index of the catalogue: BM25 as Lucene has it (Robertson and Zaragoza 2009, without the factor k1 + 1):
 * sum over query terms of ln(1 + (N - df + 0.5) / (df + 0.5)) x tf / (tf + k1 (1 - b + b dl / avgdl)).
 * Fields are joined before saturation (BM25F): tf and dl are sums weighted by `boosts`. Exact (`Finder`).
 */
export class LexicalIndex implements Projection {
  readonly name = 'lexical'
  private readonly items: Items
  private readonly options: Required<LexicalOptions>
  private readonly vocabulary = new Vocabulary()
  private readonly postings: Postings
  private readonly changes = new Cell()
  private readonly finder: Finder

  constructor(items: Items, options: LexicalOptions = {}) {
    this.items = items
    this.options = { k1: 1.2, b: 0.75, stem: true, prefix: true, stop: true, splitAt: SPLIT_AT, ...options }
    this.postings = new Postings(this.options.splitAt)
    this.finder = new Finder(this.postings)
  }

  get count(): number {
    return this.postings.count
  }

  /** Another number when an answer may be another one. */
  get version(): number {
    return this.changes.value
  }

  apply(): void {}

  forget(): void {}

  itemChanged(row: number, alive: boolean): void {
    this.changes.value++
    const { array } = this.vocabulary.documents
    this.postings.remove(row, (term) => {
      array[term]--
    })
    const item = alive ? this.items.document(row) : undefined
    if (item) this.add(row, item)
    this.postings.sweep(this.vocabulary.size)
  }

  shelve(shelf: Shelf): void {
    shelf.part('vocabulary', this.vocabulary)
    shelf.part('postings', this.postings)
    shelf.part('changes', this.changes)
  }

  /** The best items for a text, best first, ties by row. Nothing for a text without a known word. */
  search(text: string, limit: number): { rows: Uint32Array; scores: Float32Array } {
    const { k1, b } = this.options
    const terms: number[] = []
    const weights: { place: number; weight: number }[] = []
    const add = (group: readonly number[], weight: number) => {
      const rarity = weight * this.rarityOf(group)
      for (const term of group) {
        const known = terms.indexOf(term)
        weights.push({ place: known >= 0 ? known : terms.push(term) - 1, weight: rarity })
      }
    }
    for (const [word, weight] of this.queryWords(text)) {
      const term = this.vocabulary.find(word)
      if (term >= 0) add([term], weight)
    }
    add(this.prefixed(text), PREFIX_WEIGHT)
    const { meanLength } = this.postings
    if (terms.length === 0 || meanLength === 0) return { rows: new Uint32Array(0), scores: new Float32Array(0) }
    return this.finder.best({ terms, weights, flat: k1 * (1 - b), slope: (k1 * b) / meanLength }, limit)
  }

  /** Distinct words with how often the query says them. */
  private queryWords(text: string): Map<string, number> {
    const all = wordsOf(text).slice(0, QUERY_WORDS_MAX)
    const telling = this.options.stop ? all.filter((word) => !stopWords.has(word)) : all
    const counts = new Map<string, number>()
    for (const word of telling.length > 0 ? telling : all) {
      const stem = this.stem(word)
      counts.set(stem, (counts.get(stem) ?? 0) + 1)
    }
    return counts
  }

  /** Words that the last one, perhaps still being typed, may become: together they count as one word. */
  private prefixed(text: string): number[] {
    if (!this.options.prefix || !/[\p{L}\p{N}]$/u.test(text.trimEnd())) return []
    const last = wordsOf(text).at(-1)
    if (last === undefined || stopWords.has(last)) return []
    const exact = this.vocabulary.find(this.stem(last))
    return Array.from(this.vocabulary.startingWith(last)).filter((term) => term !== exact)
  }

  /** The inverse document frequency of terms that count as one. */
  private rarityOf(terms: readonly number[]): number {
    const { count } = this.postings
    const documents = terms.reduce((sum, term) => sum + this.vocabulary.documents.array[term], 0)
    const held = Math.min(count, documents)
    return Math.log(1 + (count - held + 0.5) / (held + 0.5))
  }

  private add(row: number, item: Item): void {
    const frequencies = new Map<number, number>()
    let length = 0
    let words = 0
    for (const field of Object.keys(boosts) as (keyof typeof boosts)[]) {
      for (const word of wordsOf(textOf(item, field))) {
        if (words++ >= ITEM_WORDS_MAX) break
        const term = this.vocabulary.row(this.stem(word))
        frequencies.set(term, (frequencies.get(term) ?? 0) + boosts[field])
        length += boosts[field]
      }
    }
    if (frequencies.size === 0) return
    for (const term of frequencies.keys()) this.vocabulary.documents.array[term]++
    this.postings.add(row, frequencies, length)
  }

  private stem(word: string): string {
    return this.options.stem ? stemOf(word) : word
  }
}

function textOf(item: Item, field: keyof typeof boosts): string {
  const value = item[field]
  return Array.isArray(value) ? value.join(' ') : (value ?? '')
}
