import type { Deadline } from '../../foundation/base/index.ts'
import type { Rung } from '../../domain/index.ts'
import type { Candidates, KnownColumns } from './candidates.ts'
import type { FeatureReading } from './feature-reading.ts'
import type { Query } from './query.ts'

/** What a source gives: item rows, best first, each once, with its own score (higher is better). */
export interface Retrieved {
  readonly rows: ArrayLike<number>
  readonly scores: ArrayLike<number>
}

/**
 * Proposes candidates. Gives at most `limit`, best first, ties by row. Never throws for weather: what it throws is
 * reported as `failed` and the slate is made without it. Does not filter for the viewer (the filters do), except
 * that it may leave out what it knows to be useless. Looks at the deadline when its cost depends on the input.
 */
export interface Source {
  readonly name: string
  retrieve(query: Query, limit: number, deadline: Deadline): Retrieved | Promise<Retrieved>
}

/** 0: stays. Otherwise the code of a reason, see `reasonCode`. */
export type Check = (row: number) => number

/**
 * Keeps or removes. `prepare` is called once per request and pass; the check it gives is called for each candidate,
 * is pure, and depends on the row alone - not on the other candidates.
 */
export interface Filter {
  readonly name: string
  /** Policy filters hold on every rung, and run once more, last of all. They look at the viewer and the moment alone. */
  readonly policy: boolean
  prepare(query: Query): Check
}

/**
 * Gives one score per candidate, aligned by index: writes into `out` [count]. Never sorts, never drops. The score
 * of a candidate does not depend on which others are in the set.
 */
export interface Scorer {
  readonly name: string
  score(query: Query, candidates: Candidates, out: Float32Array): void | Promise<void>
  /** Is it a rule set by hand, not trained? */
  readonly byHand?: boolean
  /** Can it score now? Missing: always. */
  readonly ready?: boolean
  /** Starts on what depends on the viewer alone, beside retrieval. */
  prepare?(query: Query): void | Promise<void>
  /** What made up the score of one candidate: parts that sum to it. */
  explain?(query: Query, candidates: Candidates, index: number): Record<string, number>
  /** The probability of a click that it predicts for one candidate, when it predicts one. */
  click?(query: Query, candidates: Candidates, index: number): number
}

/**
 * Reads all features of a set and its viewer in one batch: writes [count x names.length] into `out`, row-major. What it
 * gives says of each group of columns whether it is as of now, kept from earlier, or missing. A missing group holds the
 * neutral values that its features document. Never waits past the deadline, and never throws for weather: what is late
 * or down is stale or missing. Columns that are `known` of the same rows need not be read again.
 */
export interface FeatureReader {
  readonly names: readonly string[]
  /** Groups of columns: see `featureGroups`. */
  readonly groups: readonly string[]
  read(
    query: Query,
    rows: Uint32Array,
    out: Float32Array,
    deadline: Deadline,
    known?: KnownColumns,
  ): FeatureReading | Promise<FeatureReading>
  /** Starts on what depends on the viewer alone, beside retrieval. What it finds out is for `read` of the same query. */
  prepare?(query: Query): void | Promise<void>
}

/** How many items are wanted of a supply, and how much may be done for them. */
export interface Want {
  readonly need: number
  /** Did retrieval fail? Then what was shown before is better than a sweep. */
  readonly failed: boolean
  /** Sweep the catalogue only when nothing else is left: somebody else needs the time. */
  readonly thrifty: boolean
}

/**
 * Items for when retrieval left too few, best first, each passing `check`, none of those in `taken`. Gives at least
 * one whenever one is eligible. Always there: it asks nobody.
 */
export interface Supply {
  give(query: Query, check: Check, taken: ReadonlySet<number>, want: Want): { rows: Uint32Array; rung: Rung }
  /**
   * What is ready to be shown as it is, without retrieval or ranking, when it alone gives `need` items that pass: the
   * slate kept from before for this viewer or, where the surface needs nothing, what is popular.
   */
  ready(query: Query, check: Check, need: number): { rows: Uint32Array; rung: Rung } | undefined
  /** Keeps what a whole request came to, for a worse time. */
  remember(query: Query, ranked: Candidates, picks: readonly Pick[]): void
}

/** One place on the slate. */
export interface Pick {
  /** Index into the ranked candidates. */
  readonly index: number
  /** Probability with which the rerank put this item here, given the request and the ranked candidates. */
  readonly propensity: number
  readonly explored: boolean
  readonly pinned: boolean
}

/**
 * Chooses and orders. Pure: no I/O, no clock; lots only from `query.random`. `ranked` is sorted by score, best first,
 * ties by row. `policy` says for an item row, on fresh state, whether it may be shown at all (0) or why not.
 * Gives `limit` picks whenever that many candidates pass `policy`: caps give way before a slate runs short.
 */
export interface Reranker {
  readonly name: string
  rerank(query: Query, ranked: Candidates, limit: number, policy: Check): Pick[]
}

/** What the rerank needs to know of items. */
export interface ItemFacts {
  /** Row of the creator, or -1. */
  creatorOf(row: number): number
  /** Rows of the categories. */
  categoriesOf(row: number): ArrayLike<number>
  /** Similarity of two items' content, 0 to 1. */
  similarity(a: number, b: number): number
  /** The same of one item with many [n], into `out`. */
  similarities(row: number, others: Uint32Array, out: Float64Array): void
  /** Is it still being tried out? Then it may take an exploration slot. */
  fresh(row: number, at: number): boolean
}
