import { Cell, Column, Lists, type Shelf, type Shelved, Stack } from '../../foundation/base/index.ts'

/** Term frequencies are kept in 1/16: boosts are multiples of that. */
export const UNIT = 16
/** Postings looked at per change while the dead are swept out. */
const SWEEP_STEP = 20_000
/** Sweeping begins when this share of the documents in the postings are dead. */
const DEAD_SHARE = 0.2
/** Row of a dead slot. */
export const GONE = 0xffffffff

const TABLES = ['lists', 'termsOf', 'rows', 'lengths', 'slots'] as const
const PARTS = [...TABLES, 'spare', 'dead', 'sweeping', 'nextTerm', 'end', 'alive', 'total'] as const

/**
 * Which documents hold a term and how often. A document has a slot; a changed one gets a new slot and the old dies
 * in place, so that a change costs its own terms and no more. The dead are swept out in bounded steps, a few terms
 * with every change; slots are used again once a whole round has passed.
 */
export class Postings implements Shelved {
  private readonly lists = new Lists() // by term: slot, frequency x 16, slot, ...
  private readonly termsOf = new Lists() // by slot
  readonly rows = new Column(Uint32Array, { initial: GONE }) // by slot: item row, GONE when dead
  readonly lengths = new Column(Float32Array) // by slot: boosted words
  private readonly slots = new Column(Uint32Array) // by item row: slot + 1
  private readonly spare = new Stack()
  private dead = new Stack()
  private sweeping = new Stack() // dead slots of the round that goes on; none: there is no round
  private readonly nextTerm = new Cell() // of the round
  private readonly end = new Cell()
  private readonly alive = new Cell()
  private readonly total = new Cell()

  /** Documents alive, and the mean of their lengths. */
  get count(): number {
    return this.alive.value
  }

  get meanLength(): number {
    return this.alive.value === 0 ? 0 : this.total.value / this.alive.value
  }

  /** One past the highest slot. */
  get slotsEnd(): number {
    return this.end.value
  }

  has(row: number): boolean {
    return row < this.slots.rows && this.slots.array[row] > 0
  }

  /** Adds a document; it must not be there. */
  add(row: number, frequencies: ReadonlyMap<number, number>, length: number): void {
    const slot = this.spare.pop() ?? this.end.value++
    for (const column of [this.rows, this.lengths]) column.ensure(slot)
    this.slots.ensure(row)
    this.slots.array[row] = slot + 1
    this.rows.array[slot] = row
    this.lengths.array[slot] = length
    for (const [term, frequency] of frequencies) {
      this.lists.push(term, slot)
      this.lists.push(term, Math.round(frequency * UNIT))
      this.termsOf.push(slot, term)
    }
    this.alive.value++
    this.total.value += length
  }

  /** Removes a document, calling back for each of its terms. */
  remove(row: number, lost: (term: number) => void): void {
    if (!this.has(row)) return
    const slot = this.slots.array[row] - 1
    for (const term of this.termsOf.view(slot)) lost(term)
    this.termsOf.clear(slot)
    this.rows.array[slot] = GONE
    this.slots.array[row] = 0
    this.alive.value--
    this.total.value -= this.lengths.array[slot]
    this.dead.push(slot)
  }

  /** Postings of a term as pairs of slot and frequency x UNIT, dead ones among them. Valid until the next change. */
  view(term: number): Uint32Array {
    return this.lists.view(term)
  }

  /** A bounded step of sweeping, where there is something to sweep. `terms`: how many there are. */
  sweep(terms: number): void {
    if (this.sweeping.length === 0) {
      const { length } = this.dead
      if (length < 64 || length < DEAD_SHARE * (this.alive.value + length)) return
      const emptied = this.sweeping
      this.sweeping = this.dead
      this.dead = emptied
      this.nextTerm.value = 0
    }
    let term = this.nextTerm.value
    for (let looked = 0; looked < SWEEP_STEP && term < terms; term++) {
      looked += 8 + this.lists.length(term)
      this.sweepTerm(term)
    }
    this.nextTerm.value = term
    if (term < terms) return
    for (let slot = this.sweeping.pop(); slot !== undefined; slot = this.sweeping.pop()) this.spare.push(slot)
  }

  shelve(shelf: Shelf): void {
    for (const name of PARTS) shelf.part(name, this[name])
  }

  private sweepTerm(term: number): void {
    const { lists } = this
    const length = lists.length(term)
    let to = 0
    for (let i = 0; i < length; i += 2) {
      const slot = lists.at(term, i)
      if (this.rows.array[slot] === GONE) continue
      if (to !== i) {
        lists.set(term, to, slot)
        lists.set(term, to + 1, lists.at(term, i + 1))
      }
      to += 2
    }
    for (let i = to; i < length; i++) lists.pop(term)
  }
}
