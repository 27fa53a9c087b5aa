import { grown, TopK } from '../../foundation/base/index.ts'
import { byLevel, leaveAside, LEVELS, liftsOf, ROUNDING, shareOf } from './parted.ts'
import type { Parted, Run, Term, Wanted } from './parted.ts'
import { frequencyOf, MANY, numberOf } from './posting-lists.ts'
import { GONE, type Postings } from './postings.ts'

/** To score a document by all its terms costs as much as to walk so many postings. */
const POSTINGS_PER_SCORE = 24
/** A term is rare that has so many times fewer postings than all more common ones together. */
const RARE_TIMES = 96
/** More common terms than this are not worth the bounds of their runs. */
const PARTED_MAX = 4
/** Of the level of the last of the most promising documents: so much of it may turn out to be enough. */
const PROMISING_SHARE = 0.85
/** Terms whose own best documents tell what a document needs. */
const FLOORS = 3
/**
 * The best documents for some terms, exactly, without a score for most postings. Documents of rare terms are scored in
 * full. If one term is left, its runs are read in the order of their bounds until none can bring in a document. If more
 * are left, the bounds are added up by document, and those whose sum may bring them in are scored; runs that cannot do so
 * with the most that the other terms give are not read (as in MaxScore: Turtle and Flood, 1995). Many common terms, or
 * terms that leave too many documents, are added up exactly, all of them.
 */
export class Finder {
  private readonly postings: Postings
  private places = new Uint8Array(1024) // by term: place + 1 while it is wanted
  private levels = new Uint8Array(1024) // by slot; all 0 between searches
  private sums = new Float64Array(0) // by slot; all 0 between searches
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
    const terms = wanted.terms.map((term, place) => ({ term, place, postings: this.postings.all(term).length }))
    terms.sort((a, b) => a.postings - b.postings || a.place - b.place)
    this.begin(wanted, terms.length > 1)
    const common = this.scoreRare(wanted, terms, top)
    if (common.length > PARTED_MAX) this.scoreAll(wanted, common, top)
    else {
      const parted = common.map((term) => this.part(wanted, term))
      if (parted.length === 1) this.readOne(wanted, parted[0] as Parted, top)
      else if (parted.length > 1 && !this.addUp(wanted, parted, top)) this.scoreAll(wanted, common, top)
    }
    this.end(wanted)
    return top.take()
  }

  private part({ weights, flat, slope }: Wanted, term: Term): Parted {
    const weight = weights.reduce((sum, one) => (one.place === term.place ? sum + one.weight : sum), 0)
    const runs: Run[] = []
    this.postings.eachList(term.term, (lists, list) => {
      const share = shareOf(lists.mostOf(list), flat + slope * lists.shortestOf(list))
      runs.push({ weight, bound: weight * share * ROUNDING, lists, list })
    })
    runs.sort((a, b) => b.bound - a.bound || a.list - b.list)
    return { ...term, runs, most: runs[0]?.bound ?? 0 }
  }

  /** Scores the documents of terms that have few beside the others. Gives the other terms. */
  private scoreRare(wanted: Wanted, terms: readonly Term[], top: TopK): readonly Term[] {
    let left = terms.reduce((sum, { postings }) => sum + postings, 0)
    let rare = 0
    for (const { term, postings } of terms) {
      left -= postings
      if (postings * RARE_TIMES > left) break
      for (const posting of this.postings.all(term)) this.score(wanted, numberOf(posting), top)
      rare++
    }
    return terms.slice(rare)
  }

  /** The only term of every document that is not scored yet: its postings say all there is to know. */
  private readOne({ weights, flat, slope }: Wanted, { place, runs }: Parted, top: TopK): void {
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
   * False, and nothing is done, when so many may come in that it is cheaper to score all.
   */
  private addUp(wanted: Wanted, terms: readonly Parted[], top: TopK): boolean {
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
    const promising = PROMISING_SHARE * (found < top.limit ? 0 : levels[candidates[top.limit - 1]])
    const looks = candidates.findIndex((slot) => levels[slot] < promising)
    const postings = terms.reduce((sum, one) => sum + one.postings, 0)
    const few = (looks < 0 ? found : looks) * POSTINGS_PER_SCORE <= postings
    if (few) {
      for (const slot of candidates) {
        if (levels[slot] < levelOf(top.least)) break
        this.score(wanted, slot, top)
      }
    }
    for (const { lists, list } of reading) for (const posting of lists.view(list)) levels[numberOf(posting)] = 0
    return few
  }

  /** Adds up what the terms of every document give that is not scored yet, in the order of the weights. */
  private scoreAll({ weights, flat, slope }: Wanted, terms: readonly Term[], top: TopK): void {
    const { rows, lengths, slotsEnd } = this.postings
    if (slotsEnd > this.sums.length) this.sums = new Float64Array(Math.max(slotsEnd, 2 * this.sums.length))
    const { sums, isScored } = this
    let found = 0
    for (const { place, weight } of weights) {
      const known = terms.find((one) => one.place === place)
      if (known === undefined) continue
      const view = this.postings.all(known.term)
      this.room(found + view.length)
      const { candidates } = this
      for (let i = 0; i < view.length; i++) {
        const slot = numberOf(view[i])
        if (rows.array[slot] === GONE) continue
        if (sums[slot] === 0) candidates[found++] = slot
        const frequency = this.frequencyIn(view[i], place)
        sums[slot] += (weight * frequency) / (frequency + flat + slope * lengths.array[slot])
      }
    }
    for (let i = 0; i < found; i++) {
      const slot = this.candidates[i]
      if (isScored[slot] === 0) top.offer(rows.array[slot], sums[slot])
      sums[slot] = 0
    }
  }

  /** What the last of the best has at least: as much as the last of the best of one term, by that term alone. */
  private floor(wanted: Wanted, terms: readonly Parted[], limit: number): number {
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
    this.room(found + view.length)
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

  private room(candidates: number): void {
    if (candidates > this.candidates.length)
      this.candidates = grown(this.candidates, Math.max(candidates, 2 * this.candidates.length))
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
