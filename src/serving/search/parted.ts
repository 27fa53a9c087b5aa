import { MANY, type PostingLists } from './posting-lists.ts'

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
export interface Run {
  readonly weight: number
  readonly bound: number
  readonly lists: PostingLists
  readonly list: number
}

export interface Term {
  readonly term: number
  readonly place: number
  readonly postings: number
}

/** A term with its runs, the highest bound first. */
export interface Parted extends Term {
  readonly runs: readonly Run[]
  /** What it gives at most to a document. */
  readonly most: number
}

/** Terms are left aside while all that they give together is within this share of what a document needs. */
const ASIDE_SHARE = 0.1
/** Bounds are sums of rounded numbers: so much is given to them. */
export const ROUNDING = 1 + 1e-9
/** Levels of a byte. */
export const LEVELS = 255

/** What a term gives of its weight. `rest`: that of the formula. */
export const shareOf = (frequency: number, rest: number): number =>
  frequency === MANY ? 1 : frequency / (frequency + rest)

/** By how often a document of a run holds the term: what that gives at most, in steps. */
export function liftsOf({ flat, slope }: Wanted, { weight, lists, list }: Run, step: number): Uint8Array {
  const lifts = new Uint8Array(MANY + 1)
  const rest = flat + slope * lists.shortestOf(list)
  for (let frequency = 1; frequency <= lists.mostOf(list); frequency++)
    lifts[frequency] = Math.ceil((weight * shareOf(frequency, rest) * ROUNDING) / step)
  return lifts
}

/** Slots by their level, the highest first. */
export function byLevel(slots: Uint32Array, levels: Uint8Array): Uint32Array {
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
export function leaveAside(
  terms: readonly Parted[],
  least: number,
  many: number,
): { read: readonly Parted[]; slack: number } {
  const weakest = [...terms].sort((a, b) => a.most - b.most || a.place - b.place)
  const aside = new Set<Parted>()
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
