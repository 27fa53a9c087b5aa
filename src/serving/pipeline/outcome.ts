import type { Reason, Rung, StageReport, StageStatus } from '../../domain/index.ts'
import type { Candidates } from './candidates.ts'
import type { Pick } from './contracts.ts'

export interface SourceReport {
  readonly name: string
  readonly status: StageStatus
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
  readonly stages: readonly StageReport[]
  readonly sources: readonly SourceReport[]
  readonly removals: Readonly<Partial<Record<Reason, number>>>
  readonly rung: Rung
  /** Are there candidates left for another page? */
  readonly more: boolean
}
