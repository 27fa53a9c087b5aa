import type { FeatureReading } from './feature-reading.ts'

const MAX_SOURCES = 31

/** What a trained model predicts of a set, index-aligned. */
export interface Predictions {
  /** MODEL/VERSION. */
  readonly model: string
  /** By head: the calibrated probability (or expected share) of one candidate. */
  of(index: number): Record<string, number>
  /** What each head adds to the score of one candidate: parts that sum to it. */
  parts(index: number): Record<string, number>
  take(indices: ArrayLike<number>): Predictions
}

/** Columns of features that were read for a stage before the last one: [count x names.length], row-major. */
export interface KnownColumns {
  readonly names: readonly string[]
  readonly values: Float32Array
}

/** Who gave the scores of a stage. */
export interface ScoredBy {
  /** MODEL/VERSION, or `bootstrap`. */
  readonly by: string
}

/**
 * The candidates of one request in columns, index-aligned: what they are, who proposed them, what they scored.
 * Arrays are as long as `count`; stages replace the set by a shorter one and never reorder a set in place.
 */
export class Candidates {
  /** Names of the sources; a source's bit and column is its place here. */
  readonly sources: readonly string[]
  readonly count: number
  /** Item rows, each once. */
  readonly rows: Uint32Array
  /** Bit s is set when source s proposed it. */
  readonly mask: Uint32Array
  /** [count x sources] the source's own score; 0 where it did not propose. */
  readonly sourceScores: Float32Array
  /** [count x sources] rank in the source's list, from 1; 0 where it did not propose. */
  readonly sourceRanks: Uint16Array
  /** Merged score of retrieval: weighted reciprocal ranks. */
  readonly retrievalScores: Float32Array
  /** Score of the coarse rank; equal to retrieval's until it ran. */
  readonly coarseScores: Float32Array
  /** Score of the fine rank; equal to the coarse one's until it ran. */
  readonly scores: Float32Array
  /** [count x width] features in the order of the reader's names; empty until they were read. */
  features: Float32Array = new Float32Array(0)
  /** What the coarse rank read of the features; undefined when it read none, and once all are read. */
  known: KnownColumns | undefined
  /** Which groups of features came, and how; undefined until they were read. */
  reading: FeatureReading | undefined
  /** By stage, once it ran; one record for a set and those taken from it. */
  scoredBy: Record<string, ScoredBy> = {}
  /** Of the model that gave the scores; undefined when none did. */
  predictions: Predictions | undefined

  constructor(sources: readonly string[], count: number) {
    if (sources.length > MAX_SOURCES)
      throw new RangeError(`A surface can have ${MAX_SOURCES} sources, not ${sources.length}`)
    this.sources = sources
    this.count = count
    this.rows = new Uint32Array(count)
    this.mask = new Uint32Array(count)
    this.sourceScores = new Float32Array(count * sources.length)
    this.sourceRanks = new Uint16Array(count * sources.length)
    this.retrievalScores = new Float32Array(count)
    this.coarseScores = new Float32Array(count)
    this.scores = new Float32Array(count)
  }

  /** A new set of the given candidates, in the given order. */
  take(indices: ArrayLike<number>): Candidates {
    const taken = new Candidates(this.sources, indices.length)
    const width = this.sources.length
    taken.features = rowsOf(this.features, this.count, indices)
    const { known } = this
    if (known) taken.known = { names: known.names, values: rowsOf(known.values, this.count, indices) }
    taken.reading = this.reading
    taken.scoredBy = this.scoredBy
    taken.predictions = this.predictions?.take(indices)
    for (let to = 0; to < indices.length; to++) {
      const from = indices[to]
      taken.rows[to] = this.rows[from]
      taken.mask[to] = this.mask[from]
      taken.retrievalScores[to] = this.retrievalScores[from]
      taken.coarseScores[to] = this.coarseScores[from]
      taken.scores[to] = this.scores[from]
      for (let s = 0; s < width; s++) {
        taken.sourceScores[to * width + s] = this.sourceScores[from * width + s]
        taken.sourceRanks[to * width + s] = this.sourceRanks[from * width + s]
      }
    }
    return taken
  }

  /** The same set for a scorer who may be late: what it says of the set is not said of this one. */
  apart(): Candidates {
    const apart: Candidates = Object.assign(Object.create(Candidates.prototype), this)
    apart.scoredBy = {}
    apart.predictions = undefined
    return apart
  }
}

/** The given rows of a row-major [count x width]. */
function rowsOf(values: Float32Array, count: number, indices: ArrayLike<number>): Float32Array {
  const width = count === 0 ? 0 : values.length / count
  const taken = new Float32Array(indices.length * width)
  for (let to = 0; to < indices.length; to++)
    for (let f = 0, from = indices[to] * width; f < width; f++) taken[to * width + f] = values[from + f]
  return taken
}

/** What each place behind the candidates of the sources takes off the score, which is 0 or more for those. */
const BEHIND = 1e-9

/** The set and, behind it, rows that no source proposed, in the order they came: their scores say no more than that. */
export function behind(set: Candidates, rows: Uint32Array): Candidates {
  const all = new Candidates(set.sources, set.count + rows.length)
  all.rows.set(set.rows)
  all.rows.set(rows, set.count)
  all.mask.set(set.mask)
  all.sourceScores.set(set.sourceScores)
  all.sourceRanks.set(set.sourceRanks)
  all.retrievalScores.set(set.retrievalScores)
  all.coarseScores.set(set.coarseScores)
  all.scores.set(set.scores)
  for (let i = set.count; i < all.count; i++) {
    all.retrievalScores[i] = all.coarseScores[i] = all.scores[i] = (set.count - i) * BEHIND
  }
  return all
}
