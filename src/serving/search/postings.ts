import { Cell, Column, Lists, PairTable, type Shelf, type Shelved, Stack } from '../../foundation/base/index.ts'
import { frequencyOf, MANY, numberOf, packed, PostingLists } from './posting-lists.ts'

/** A term in so many documents is parted into runs of like documents. */
export const SPLIT_AT = 1024
/** Postings looked at per change while the dead are swept out. */
const SWEEP_STEP = 20_000
/** Sweeping begins when this share of the documents in the postings are dead. */
const DEAD_SHARE = 0.2
/** Row of a dead slot. */
export const GONE = 0xffffffff
/** Classes of lengths: four in every octave of 16 bits. */
const LENGTHS = 64

const TABLES = ['whole', 'runs', 'runAt', 'lastRun', 'runBefore', 'termsOf', 'rows', 'lengths', 'slots'] as const
const PARTS = [...TABLES, 'spare', 'dead', 'sweeping', 'nextList', 'end', 'alive', 'total'] as const

/**
 * Which documents hold a term and how often, and the other way round. A document has a slot; a changed one gets a new
 * slot and the old dies in place, so that a change costs its own terms and no more. The dead are swept out in bounded
 * steps, a few lists with every change; slots are used again once a whole round has passed.
 *
 * The postings of a common term lie in runs as well: documents that hold it equally often and are about equally long, hence
 * score about equally. What is best is in few of them, whatever the mean length has become meanwhile.
 */
export class Postings implements Shelved {
  private readonly whole = new PostingLists() // by term: all its postings
  private readonly runs = new PostingLists() // by run
  private readonly runAt = new PairTable() // (term, class) to run
  private readonly lastRun = new Column(Uint32Array) // by term: run + 1 of the run made last
  private readonly runBefore = new Column(Uint32Array) // by run: run + 1 of the one before it of its term
  private readonly termsOf = new Lists() // by slot: terms with how often; after MANY, the frequency itself
  readonly rows = new Column(Uint32Array, { initial: GONE }) // by slot: item row, GONE when dead
  readonly lengths = new Column(Uint16Array) // by slot: boosted words
  private readonly slots = new Column(Uint32Array) // by item row: slot + 1
  private readonly spare = new Stack()
  private dead = new Stack()
  private sweeping = new Stack() // dead slots of the round that goes on; none: there is no round
  private readonly nextList = new Cell() // of the round: terms first, then runs
  private readonly end = new Cell()
  private readonly alive = new Cell()
  private readonly total = new Cell()
  private readonly splitAt: number

  constructor(splitAt: number) {
    this.splitAt = splitAt
  }

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

  /** Adds a document; it must not be there. `frequencies`: whole numbers; `length`: their sum, below 65536. */
  add(row: number, frequencies: ReadonlyMap<number, number>, length: number): void {
    const slot = this.spare.pop() ?? this.end.value++
    for (const column of [this.rows, this.lengths]) column.ensure(slot)
    this.slots.ensure(row)
    this.slots.array[row] = slot + 1
    this.rows.array[slot] = row
    this.lengths.array[slot] = length
    for (const [term, frequency] of frequencies) {
      this.push(term, packed(slot, frequency), length)
      this.termsOf.push(slot, packed(term, frequency))
      if (frequency >= MANY) this.termsOf.push(slot, frequency)
    }
    this.alive.value++
    this.total.value += length
  }

  /** Removes a document, calling back for each of its terms. */
  remove(row: number, lost: (term: number) => void): void {
    if (!this.has(row)) return
    const slot = this.slots.array[row] - 1
    const terms = this.termsOf.view(slot)
    for (let i = 0; i < terms.length; i += widthOf(terms[i])) lost(numberOf(terms[i]))
    this.termsOf.clear(slot)
    this.rows.array[slot] = GONE
    this.slots.array[row] = 0
    this.alive.value--
    this.total.value -= this.lengths.array[slot]
    this.dead.push(slot)
  }

  /** All postings of a term, dead ones among them. Valid until the next change. */
  all(term: number): Uint32Array {
    return this.whole.view(term)
  }

  /** The lists that together hold the postings of a term, dead ones among them. */
  eachList(term: number, visit: (lists: PostingLists, list: number) => void): void {
    let run = term < this.lastRun.rows ? this.lastRun.array[term] - 1 : -1
    if (run < 0 && this.whole.length(term) > 0) visit(this.whole, term)
    for (; run >= 0; run = this.runBefore.array[run] - 1) if (this.runs.length(run) > 0) visit(this.runs, run)
  }

  /** How often a document holds some terms, into `out` by place; `places`: of a term, plus 1, or 0. */
  frequencies(slot: number, places: Uint8Array, out: Float64Array): void {
    const { termsOf } = this
    const length = termsOf.length(slot)
    for (let i = 0; i < length; i++) {
      const entry = termsOf.at(slot, i)
      const many = frequencyOf(entry) === MANY
      if (many) i++
      const place = places[numberOf(entry)]
      if (place > 0) out[place - 1] = many ? termsOf.at(slot, i) : frequencyOf(entry)
    }
  }

  /** A bounded step of sweeping, where there is something to sweep. `terms`: how many there are. */
  sweep(terms: number): void {
    if (this.sweeping.length === 0) {
      const { length } = this.dead
      if (length < 64 || length < DEAD_SHARE * (this.alive.value + length)) return
      const emptied = this.sweeping
      this.sweeping = this.dead
      this.dead = emptied
      this.nextList.value = 0
    }
    const alive = (slot: number) => this.rows.array[slot] !== GONE
    const lists = terms + this.runAt.slots
    let next = this.nextList.value
    for (let looked = 0; looked < SWEEP_STEP && next < lists; next++) {
      const of = next < terms ? this.whole : this.runs
      const list = next < terms ? next : next - terms
      looked += 8 + of.length(list)
      of.sweep(list, alive)
    }
    this.nextList.value = next
    if (next < lists) return
    for (let slot = this.sweeping.pop(); slot !== undefined; slot = this.sweeping.pop()) this.spare.push(slot)
  }

  shelve(shelf: Shelf): void {
    for (const name of PARTS) shelf.part(name, this[name])
  }

  private push(term: number, posting: number, length: number): void {
    this.lastRun.ensure(term)
    this.whole.push(term, posting, length)
    if (this.lastRun.array[term] > 0) this.pushToRun(term, posting, length)
    else if (this.whole.length(term) >= this.splitAt) this.split(term)
  }

  /** From now on the term has runs. */
  private split(term: number): void {
    for (const posting of this.whole.view(term)) {
      const slot = numberOf(posting)
      if (this.rows.array[slot] !== GONE) this.pushToRun(term, posting, this.lengths.array[slot])
    }
  }

  private pushToRun(term: number, posting: number, length: number): void {
    const kind = frequencyOf(posting) * LENGTHS + lengthClass(length)
    const known = this.runAt.find(term, kind)
    const run = known >= 0 ? known : this.runAt.slot(term, kind)
    if (known < 0) {
      this.runBefore.ensure(run)
      this.runBefore.array[run] = this.lastRun.array[term]
      this.lastRun.array[term] = run + 1
    }
    this.runs.push(run, posting, length)
  }
}

/** Entries that a term of a document takes. */
const widthOf = (entry: number): number => (frequencyOf(entry) === MANY ? 2 : 1)

/** Quarters of octaves: what is of one class is at most a quarter longer than the shortest of it. */
function lengthClass(length: number): number {
  const octave = 31 - Math.clz32(length)
  return octave * 4 + (((length * 4) >>> octave) & 3)
}
