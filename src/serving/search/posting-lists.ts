import { Column, Lists, type Shelf, type Shelved } from '../../foundation/base/index.ts'

/** Bits of a posting that say how often: 0 to 30 as it is, 31 for more. The others are a slot, or a term. */
const BITS = 5
/** So often or more: the number itself stands elsewhere. */
export const MANY = 2 ** BITS - 1
/** Slots and terms are below this. */
const NUMBERS = 2 ** (32 - BITS)
const LENGTH_MAX = 0xffff

/**
 * A number - slot of a document, or term - with how often, in 32 bits.
 * @throws RangeError beyond 134 million
 */
export function packed(number: number, frequency: number): number {
  if (number >= NUMBERS) throw new RangeError(`Cannot index more than ${NUMBERS} documents or words in one process`)
  return number * (MANY + 1) + Math.min(MANY, frequency)
}

export const numberOf = (posting: number): number => posting >>> BITS
/** As it is, or MANY. */
export const frequencyOf = (posting: number): number => posting & MANY

/** Lists of postings, each with what bounds the scores in it. Dead postings stay until they are swept out. */
export class PostingLists implements Shelved {
  private readonly lists = new Lists()
  private readonly shortest = new Column(Uint16Array, { initial: LENGTH_MAX })
  private readonly most = new Column(Uint8Array)

  /** `length`: of the document. */
  push(list: number, posting: number, length: number): void {
    this.lists.push(list, posting)
    for (const column of [this.shortest, this.most]) column.ensure(list)
    const { shortest, most } = this
    if (length < shortest.array[list]) shortest.array[list] = length
    if (frequencyOf(posting) > most.array[list]) most.array[list] = frequencyOf(posting)
  }

  length(list: number): number {
    return this.lists.length(list)
  }

  /** Valid until the next change. */
  view(list: number): Uint32Array {
    return this.lists.view(list)
  }

  /** No document of the list is shorter. */
  shortestOf(list: number): number {
    return this.shortest.array[list]
  }

  /** None holds the term more often; MANY for any number. */
  mostOf(list: number): number {
    return this.most.array[list]
  }

  /** Keeps the postings of slots that are alive. */
  sweep(list: number, alive: (slot: number) => boolean): void {
    const { lists } = this
    const length = lists.length(list)
    let to = 0
    for (let i = 0; i < length; i++) {
      const posting = lists.at(list, i)
      if (!alive(numberOf(posting))) continue
      if (to !== i) lists.set(list, to, posting)
      to++
    }
    for (let i = to; i < length; i++) lists.pop(list)
    if (to > 0 || length === 0) return
    this.shortest.clear(list)
    this.most.clear(list)
  }

  shelve(shelf: Shelf): void {
    for (const name of ['lists', 'shortest', 'most'] as const) shelf.part(name, this[name])
  }
}
