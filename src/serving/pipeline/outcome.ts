import type { Reason, Rung, StageReport, StageStatus } from '../../domain/index.ts'
import type { Candidates } from './candidates.ts'
import type { Pick, Scorer } from './contracts.ts'
import type { Query } from './query.ts'

export interface SourceReport {
  readonly name: string
  readonly status: StageStatus
  /** When it was asked, in milliseconds from the start of retrieval. */
  readonly at: number
  readonly ms: number
  /** Candidates it proposed. */
  readonly count: number
  /** Why it failed or was skipped. */
  readonly note?: string
}

/** All that came of one request: what is shown, what it was chosen from, and what happened on the way. */
export interface Outcome {
  readonly picks: readonly Pick[]
  /** The fine-ranked candidates, best first; picks point into it. */
  readonly ranked: Candidates
  /** What the coarse rank was given, with the scores it cut by; missing where none was asked. */
  readonly given?: Candidates
  readonly stages: readonly StageReport[]
  readonly sources: readonly SourceReport[]
  readonly removals: Readonly<Partial<Record<Reason, number>>>
  readonly rung: Rung
  /** Who gave the last scores; none when an earlier order was kept. Only this one can explain them. */
  readonly ranker: Scorer | undefined
  /** Did the scores come from those kept? Undefined for a request whose scores are its own. */
  readonly kept?: boolean
  /** Are there candidates left for another page? */
  readonly more: boolean
  /** Was it ranked in full, and is therefore kept for a worse time? */
  readonly whole: boolean
}

/** What is counted of an outcome once its slate is made. Plain arrays and objects: it can go from thread to thread. */
export interface OutcomeFacts {
  readonly picks: Outcome['picks']
  readonly stages: Outcome['stages']
  readonly sources: Outcome['sources']
  readonly removals: Outcome['removals']
  readonly rung: Rung
  readonly kept?: boolean
  readonly whole: boolean
  readonly ranked: RankedFacts
}

/** The columns of the ranked candidates that are counted. */
export interface RankedFacts {
  readonly sources: readonly string[]
  readonly count: number
  readonly rows: Uint32Array
  readonly mask: Uint32Array
  readonly scores: Float32Array
  readonly features: Float32Array
}

/** What made up the score of a ranked candidate, by the one who gave it: parts that sum to it; none when nobody did. */
export function partsOf(query: Query, { ranked, ranker }: Outcome, index: number): Record<string, number> {
  return ranked.predictions?.parts(index) ?? ranker?.explain?.(query, ranked, index) ?? {}
}

/** The probability of a click that the ranker predicted; NaN when it predicted none. */
export function clickOf(query: Query, { ranked, ranker }: Outcome, index: number): number {
  return ranked.predictions?.of(index)['click'] ?? ranker?.click?.(query, ranked, index) ?? Number.NaN
}
