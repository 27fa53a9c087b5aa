import { Cell, Column, IdTable, Lists, type Shelf } from '../../../foundation/base/index.ts'
import type { Items, Projection } from '../../../stream/catalog/index.ts'
import { wordsOf } from '../../search/index.ts'
import type { Retrieved } from '../../pipeline/index.ts'
import { Accumulator } from './accumulator.ts'

/** Postings walked per request; rare tokens first, so it is the commonplace that is cut off. */
const POSTINGS_MAX = 5_000
/** Best by plain overlap that are normalised by their length. */
const FINALISTS = 300
const TITLE_WORDS = 12
/** Weights of the kinds of tokens - category, tag, maker, language, word. A token's text begins with the kind's letter. */
const weights: Readonly<Record<string, number>> = { c: 1, t: 1, m: 1, l: 0.2, w: 0.6 }

/**
 * Which items share what is said of them: categories, tags, maker, language, words of the title. Similarity is the
 * cosine of binary vectors weighted by kind x ln(1 + items / items with the token).
 */
export class ContentIndex implements Projection {
  readonly name = 'content-index'
  private readonly items: Items
  private readonly tokens = new IdTable()
  private readonly itemsOf = new Lists() // by token
  private readonly tokensOf = new Lists() // by item
  private readonly kinds = new Column(Float32Array) // weight of the token's kind
  private readonly sums = new Accumulator()
  /** Counts changes of items: weights and lengths worked out before the last one hold no more. */
  private readonly changes = new Cell()
  private readonly tokenWeights = new Remembered()
  private readonly itemNorms = new Remembered()

  constructor(items: Items) {
    this.items = items
  }

  /** Another number when an answer may be another one. */
  get version(): number {
    return this.changes.value + 1
  }

  apply(): void {}

  forget(): void {}

  itemChanged(row: number, alive: boolean): void {
    this.changes.value++
    const next = new Set(alive ? this.read(row) : [])
    const before = new Set(this.tokensOf.view(row))
    for (const token of before) if (!next.has(token)) this.itemsOf.remove(token, row)
    for (const token of next) if (!before.has(token)) this.itemsOf.push(token, row)
    this.tokensOf.assign(row, [...next])
  }

  shelve(shelf: Shelf): void {
    for (const name of ['tokens', 'itemsOf', 'tokensOf', 'kinds', 'changes'] as const) shelf.part(name, this[name])
  }

  /** Items most like a set of items, weighted; the set itself is left out. Best first, ties by row. */
  like(rows: readonly number[], shares: readonly number[], limit: number): Retrieved {
    const wanted = this.profile(rows, shares)
    const { sums } = this
    sums.clear()
    let walked = 0
    for (const [token, weight] of wanted) {
      const view = this.itemsOf.view(token)
      const some = Math.min(view.length, POSTINGS_MAX - walked)
      if (some <= 0) break
      const value = weight * this.weightOf(token)
      for (let i = view.length - some; i < view.length; i++) sums.add(view[i], value) // the latest of them
      walked += some
    }
    const own = new Set(rows)
    const finalists = sums.top(Math.max(limit, FINALISTS), (row) => !own.has(row) && this.items.has(row))
    sums.clear()
    finalists.rows.forEach((row, i) => {
      sums.add(row, finalists.scores[i] / this.normOf(row))
    })
    return sums.top(limit, () => true)
  }

  /** Tokens of the set with their summed weights, rarest first, as a unit vector. */
  private profile(rows: readonly number[], shares: readonly number[]): [number, number][] {
    const profile = new Map<number, number>()
    rows.forEach((row, i) => {
      const norm = this.normOf(row)
      for (const token of this.tokensOf.view(row)) {
        profile.set(token, (profile.get(token) ?? 0) + ((shares[i] ?? 0) * this.weightOf(token)) / norm)
      }
    })
    const length = Math.hypot(...profile.values()) || 1
    return [...profile]
      .map(([token, weight]): [number, number] => [token, weight / length])
      .sort((a, b) => this.itemsOf.length(a[0]) - this.itemsOf.length(b[0]) || a[0] - b[0])
  }

  private weightOf(token: number): number {
    const { tokenWeights, version, items, itemsOf, kinds } = this
    const known = tokenWeights.get(token, version)
    if (known > 0) return known
    const weight = kinds.array[token] * Math.log(1 + items.count / Math.max(1, itemsOf.length(token)))
    return tokenWeights.set(token, version, weight)
  }

  private normOf(row: number): number {
    const known = this.itemNorms.get(row, this.version)
    if (known > 0) return known
    let square = 0
    for (const token of this.tokensOf.view(row)) square += this.weightOf(token) ** 2
    return this.itemNorms.set(row, this.version, Math.sqrt(square) || 1)
  }

  private read(row: number): number[] {
    const item = this.items.document(row)
    if (!item) return []
    const words = [...new Set(wordsOf(item.title ?? ''))].filter((word) => word.length > 2).slice(0, TITLE_WORDS)
    const texts = [
      ...(item.categories ?? []).map((name) => `c${name}`),
      ...(item.tags ?? []).map((name) => `t${name.toLowerCase()}`),
      ...(item.creator === undefined ? [] : [`m${item.creator}`]),
      ...(item.language === undefined ? [] : [`l${item.language.toLowerCase()}`]),
      ...words.map((word) => `w${word}`),
    ]
    return texts.map((text) => this.token(text))
  }

  private token(text: string): number {
    const token = this.tokens.row(text)
    this.kinds.ensure(token)
    this.kinds.array[token] = weights[text.charAt(0)] ?? 0
    return token
  }
}

/** Positive numbers by row that were worked out as of a version. No state: they are worked out again. */
class Remembered {
  private readonly values = new Column(Float64Array)
  private readonly versions = new Column(Float64Array)

  /** 0 when it is not known as of that version. */
  get(row: number, version: number): number {
    return row < this.versions.rows && this.versions.array[row] === version ? this.values.array[row] : 0
  }

  set(row: number, version: number, value: number): number {
    this.values.ensure(row)
    this.versions.ensure(row)
    this.versions.array[row] = version
    this.values.array[row] = value
    return value
  }
}
