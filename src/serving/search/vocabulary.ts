import { Column, IdTable, Lists, type Shelf, type Shelved, TopK } from '../../foundation/base/index.ts'

const PREFIX_LEAST = 2
const PREFIX_MOST = 6
/** Most terms that one prefix stands for: those in the most documents. */
export const EXPANSIONS_MAX = 24

/** Terms with the number of live documents that hold them, and which terms begin with what. */
export class Vocabulary implements Shelved {
  private readonly terms = new IdTable()
  private readonly prefixes = new IdTable()
  private readonly beginning = new Lists() // prefix row: terms
  readonly documents = new Column(Uint32Array)

  get size(): number {
    return this.terms.size
  }

  /** The row of a term, or -1. */
  find(word: string): number {
    return this.terms.find(word)
  }

  /** The row of a term, made if new. */
  row(word: string): number {
    const before = this.terms.size
    const term = this.terms.row(word)
    if (term < before) return term
    this.documents.ensure(term)
    const most = Math.min(PREFIX_MOST, word.length)
    for (let length = PREFIX_LEAST; length <= most; length++) {
      this.beginning.push(this.prefixes.row(word.slice(0, length)), term)
    }
    return term
  }

  shelve(shelf: Shelf): void {
    for (const name of ['terms', 'prefixes', 'beginning', 'documents'] as const) shelf.part(name, this[name])
  }

  /** Terms that begin with a prefix and are in some document, those in the most documents first. */
  startingWith(prefix: string): Uint32Array {
    if (prefix.length < PREFIX_LEAST) return NONE
    const key = this.prefixes.find(prefix.slice(0, PREFIX_MOST))
    if (key < 0) return NONE
    const { array } = this.documents
    const top = new TopK(EXPANSIONS_MAX)
    for (const term of this.beginning.view(key)) {
      if (array[term] > 0 && (prefix.length <= PREFIX_MOST || this.terms.name(term).startsWith(prefix)))
        top.offer(term, array[term])
    }
    return top.take().rows
  }
}

const NONE = new Uint32Array(0)
