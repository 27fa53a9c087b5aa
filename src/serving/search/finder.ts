import { grown, TopK } from '../../foundation/base/index.ts'
import { frequencyOf, MANY, numberOf, type PostingLists } from './posting-lists.ts'
import { GONE, type Postings } from './postings.ts'

/** What a text asks for. */
export interface Wanted {
  /** Each once. */
  readonly terms: readonly number[]
  /** In the order in which they are added up: places among `terms`, and what each weighs. A term may count twice. */
  readonly weights: readonly { readonly place: number; readonly weight: number }[]
  /** A term that a document of length l holds f times counts weight x f / (f + flat + slope x l). */
  readonly flat: number
  readonly slope: number
}

/** A list of postings, and a bound of what its term gives to any document in it. */
interface Run {
  readonly weight: number
  readonly bound: number
  readonly lists: PostingLists
  readonly list: number
}

/** What a term has: its runs, the highest bound first. */
interface Term {
  readonly place: number
  readonly runs: readonly Run[]
  readonly postings: number
  /** What it gives at most to a document. */
  readonly most: number
}

/** To score a document by all its terms costs as much as to walk so many postings. */
const POSTINGS_PER_SCORE = 48
/** Terms are left aside while all that they give together is within this share of what a document needs. */
const ASIDE_SHARE = 0.1
/** Terms whose own best documents tell what a document needs. */
const FLOORS = 3
/** Bounds are sums of rounded numbers: so much is given to them. */
const ROUNDING = 1 + 1e-9
/** Levels of a byte. */
const LEVELS = 255

/**
 * The best documents for some terms, exactly, without a score for most postings. Documents of rare terms are scored in
 * full. If one term is left, its runs are read in the order of their bounds until none can bring in a document. If more
 * are left, the bounds are added up by document, and those whose sum may bring them in are scored; runs that cannot do so
 * with the most that the other terms give are not read (as in MaxScore: Turtle and Flood, 1995).
 */
export class Finder {
  private readonly postings: Postings
  private places = new Uint8Array(1024) // by term: place + 1 while it is wanted
  private levels = new Uint8Array(1024) // by slot; all 0 between searches
  private isScored = new Uint8Array(1024) // by slot; all 0 between searches
  private scored = new Uint32Array(1024) // slots that are
  private scoredCount = 0
  private candidates = new Uint32Array(1024)
  private frequencies = new Float64Array(8) // by place, of one document; all 0 in between

  constructor(postings: Postings) {
    this.postings = postings
  }

  /** Best first, ties by row. */
  best(wanted: Wanted, limit: number): { rows: Uint32Array; scores: Float32Array } {
    const top = new TopK(limit)
    const terms = this.termsOf(wanted)
    this.begin(wanted, terms.length > 1)
    const common = this.scoreRare(wanted, terms, top)
    if (common.length === 1) this.readOne(wanted, common[0] as Term, top)
    else if (common.length > 1) this.addUp(wanted, common, top)
    this.end(wanted)
    return top.take()
  }

  /** The terms, those with fewest postings first. */
  private termsOf({ terms, weights, flat, slope }: Wanted): Term[] {
    const all = terms.map((term, place): Term => {
      const whole = weights.reduce((sum, one) => (one.place === place ? sum + one.weight : sum), 0)
      const runs: Run[] = []
      let postings = 0
      this.postings.eachList(term, (lists, list) => {
        const share = shareOf(lists.mostOf(list), flat + slope * lists.shortestOf(list))
        postings += lists.length(list)
        runs.push({ weight: whole, bound: whole * share * ROUNDING, lists, list })
      })
      runs.sort((a, b) => b.bound - a.bound || a.list - b.list)
      return { place, runs, postings, most: runs[0]?.bound ?? 0 }
    })
    return all.sort((a, b) => a.postings - b.postings || a.place - b.place)
  }

  /** Scores the documents of terms that have few beside the others. Gives the other terms. */
  private scoreRare(wanted: Wanted, terms: readonly Term[], top: TopK): readonly Term[] {
    let left = terms.reduce((sum, { postings }) => sum + postings, 0)
    let rare = 0
    for (const { runs, postings } of terms) {
      left -= postings
      if (postings * POSTINGS_PER_SCORE > left) break
      for (const { lists, list } of runs) {
        for (const posting of lists.view(list)) this.score(wanted, numberOf(posting), top)
      }
      rare++
    }
    return terms.slice(rare)
  }

  /** The only term of every document that is not scored yet: its postings say all there is to know. */
  private readOne({ weights, flat, slope }: Wanted, { place, runs }: Term, top: TopK): void {
    const { rows, lengths } = this.postings
    const own = weights.filter((one) => one.place === place).map(({ weight }) => weight)
    const { isScored } = this
    const scored = this.scoredCount > 0
    for (const { bound, lists, list } of runs) {
      if (Math.fround(bound) < top.least) return
      for (const posting of lists.view(list)) {
        const slot = numberOf(posting)
        const row = rows.array[slot]
        if (row === GONE || (scored && isScored[slot] === 1)) continue
        const frequency = this.frequencyIn(posting, place)
        const rest = frequency + flat + slope * lengths.array[slot]
        let score = 0
        for (const weight of own) score += (weight * frequency) / rest
        score = Math.fround(score)
        if (score >= top.least) top.offer(row, score)
      }
    }
  }

  /**
   * Adds up by document what several terms give at most, in steps of a 255th of all there is, and scores those that may
   * come in, the most promising first: a byte per document lies in the processor's cache where a number would not.
   */
  private addUp(wanted: Wanted, terms: readonly Term[], top: TopK): void {
    const least = Math.max(top.least, this.floor(wanted, terms, top.limit))
    const { read, slack } = leaveAside(terms, least, POSTINGS_PER_SCORE * top.limit)
    const all = read.reduce((sum, { most }) => sum + most, 0)
    const step = all / (LEVELS - read.length)
    const levelOf = (score: number) => Math.max(1, Math.ceil((below(score) - slack) / step))
    const reading = read.flatMap(({ runs, most }) =>
      runs.filter(({ bound }) => all - most + bound + slack >= below(least)),
    )
    let found = 0
    for (const run of reading) found = this.add(run, liftsOf(wanted, run, step), levelOf(least), found)
    const { levels } = this
    const candidates = byLevel(this.candidates.subarray(0, found), levels)
    for (const slot of candidates) {
      if (levels[slot] < levelOf(top.least)) break
      this.score(wanted, slot, top)
    }
    for (const { lists, list } of reading) for (const posting of lists.view(list)) levels[numberOf(posting)] = 0
  }

  /** What the last of the best has at least: as much as the last of the best of one term, by that term alone. */
  private floor(wanted: Wanted, terms: readonly Term[], limit: number): number {
    const strongest = [...terms].sort((a, b) => b.most - a.most || a.place - b.place).slice(0, FLOORS)
    let floor = Number.NEGATIVE_INFINITY
    for (const term of strongest) {
      if (term.postings < limit) continue
      const top = new TopK(limit)
      this.readOne(wanted, term, top)
      floor = Math.max(floor, top.least)
    }
    return floor
  }

  /** Lifts the documents of a run, `by` how often they hold the term. `candidates` are those that have reached the needed level, `found` of them. */
  private add({ lists, list }: Run, by: Uint8Array, needed: number, found: number): number {
    const { levels } = this
    const view = lists.view(list)
    while (this.candidates.length < found + view.length)
      this.candidates = grown(this.candidates, 2 * this.candidates.length)
    const { candidates } = this
    let count = found
    for (let i = 0; i < view.length; i++) {
      const slot = numberOf(view[i])
      const before = levels[slot]
      const after = before + by[frequencyOf(view[i])]
      levels[slot] = after
      if (after >= needed && before < needed) candidates[count++] = slot
    }
    return count
  }

  /** How often the document of a posting holds the posting's term. */
  private frequencyIn(posting: number, place: number): number {
    const frequency = frequencyOf(posting)
    if (frequency < MANY) return frequency
    this.postings.frequencies(numberOf(posting), this.places, this.frequencies)
    const exact = this.frequencies[place]
    this.frequencies.fill(0)
    return exact
  }

  /** Scores a document by all terms, once. */
  private score({ weights, flat, slope }: Wanted, slot: number, top: TopK): void {
    const row = this.postings.rows.array[slot]
    if (row === GONE || this.isScored[slot] === 1) return
    if (this.scoredCount === this.scored.length) this.scored = grown(this.scored, 2 * this.scoredCount)
    this.scored[this.scoredCount++] = slot
    this.isScored[slot] = 1
    const { frequencies } = this
    this.postings.frequencies(slot, this.places, frequencies)
    const rest = flat + slope * this.postings.lengths.array[slot]
    let score = 0
    for (const { place, weight } of weights) {
      const frequency = frequencies[place]
      if (frequency > 0) score += (weight * frequency) / (frequency + rest)
    }
    frequencies.fill(0)
    top.offer(row, score)
  }

  private begin({ terms }: Wanted, several: boolean): void {
    const { slotsEnd } = this.postings
    if (several && slotsEnd > this.levels.length) {
      const slots = Math.max(slotsEnd, 2 * this.levels.length)
      this.levels = new Uint8Array(slots)
      this.isScored = new Uint8Array(slots)
    }
    const most = terms.reduce((high, term) => Math.max(high, term), 0)
    if (most >= this.places.length) this.places = new Uint8Array(Math.max(most + 1, 2 * this.places.length))
    if (terms.length > this.frequencies.length) this.frequencies = new Float64Array(terms.length)
    terms.forEach((term, place) => {
      this.places[term] = place + 1
    })
  }

  private end({ terms }: Wanted): void {
    for (let i = 0; i < this.scoredCount; i++) this.isScored[this.scored[i]] = 0
    this.scoredCount = 0
    for (const term of terms) this.places[term] = 0
  }
}

/** A little less: what was rounded below it may be it. */
const below = (score: number): number => score - Math.abs(score) * 1e-6

/** What a term gives of its weight. `rest`: that of the formula. */
const shareOf = (frequency: number, rest: number): number => (frequency === MANY ? 1 : frequency / (frequency + rest))

/** By how often a document of a run holds the term: what that gives at most, in steps. */
function liftsOf({ flat, slope }: Wanted, { weight, lists, list }: Run, step: number): Uint8Array {
  const lifts = new Uint8Array(MANY + 1)
  const rest = flat + slope * lists.shortestOf(list)
  for (let frequency = 1; frequency <= lists.mostOf(list); frequency++)
    lifts[frequency] = Math.ceil((weight * shareOf(frequency, rest) * ROUNDING) / step)
  return lifts
}

/** Slots by their level, the highest first. */
function byLevel(slots: Uint32Array, levels: Uint8Array): Uint32Array {
  const starts = new Uint32Array(LEVELS + 2)
  for (const slot of slots) starts[LEVELS - levels[slot] + 1]++
  for (let i = 1; i < starts.length; i++) starts[i] += starts[i - 1]
  const sorted = new Uint32Array(slots.length)
  for (const slot of slots) sorted[starts[LEVELS - levels[slot]]++] = slot
  return sorted
}

/**
 * The terms to add up; the others give so little together, at most `slack`, that the few documents that may come in are
 * scored in full instead, which pays when the others have more than `many` postings.
 */
function leaveAside(terms: readonly Term[], least: number, many: number): { read: readonly Term[]; slack: number } {
  const weakest = [...terms].sort((a, b) => a.most - b.most || a.place - b.place)
  const aside = new Set<Term>()
  let slack = 0
  let postings = 0
  for (const term of weakest) {
    if (slack + term.most > ASIDE_SHARE * least) break
    slack += term.most
    postings += term.postings
    aside.add(term)
  }
  if (postings < many) return { read: terms, slack: 0 }
  return { read: terms.filter((term) => !aside.has(term)), slack }
}
