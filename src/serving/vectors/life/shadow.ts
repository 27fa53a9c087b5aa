import { psi, SAMPLES_MIN } from '../../../judging/drift/index.ts'
import type { Found, VectorIndex } from '../vector-index.ts'
import type { LifeLimits } from './limits.ts'
import { type Check, type Verdict, verdictOf } from './verdict.ts'

/** Scores kept of each side, the first ones. */
const SCORES_MAX = 20_000
/** Scores taken of one answer: best, worst, and between. */
const PER_ANSWER = 20
/** Queries that may wait for the end of the turn. */
const PENDING_MAX = 8
/** Results that a query asks for. */
const K = 200

/** What a new index answered to live queries, beside what was served. */
export class Shadow {
  queries = 0
  private pending = 0
  private overlap = 0
  private readonly live: number[] = []
  private readonly candidate: number[] = []

  /** After the answer has gone out: both are asked without filters, so that they are asked the same. */
  ask(query: Float32Array, live: VectorIndex, candidate: VectorIndex): void {
    if (this.pending >= PENDING_MAX) return
    this.pending++
    const asked = query.slice()
    setImmediate(() => {
      this.pending--
      this.add(live.search(asked, K), candidate.search(asked, K))
    })
  }

  add(served: Found, answered: Found): void {
    this.queries++
    const rows = new Set(answered.rows)
    let both = 0
    for (const row of served.rows) if (rows.has(row)) both++
    this.overlap += served.rows.length === 0 ? 1 : both / served.rows.length
    take(this.live, served.scores)
    take(this.candidate, answered.scores)
  }

  /** Mean share of what was served that the new one gave too; 1 without queries. */
  get meanOverlap(): number {
    return this.queries === 0 ? 1 : this.overlap / this.queries
  }

  verdict({ overlapLeast, psiMax }: LifeLimits): Verdict {
    const { queries, meanOverlap } = this
    const checks: Check[] = [
      {
        ...{ check: 'overlap', pass: meanOverlap >= overlapLeast, value: meanOverlap, limit: overlapLeast },
        say: `it gave ${meanOverlap.toFixed(4)} of what ${queries} live queries were served, wanted ${overlapLeast}`,
      },
    ]
    if (this.live.length >= SAMPLES_MIN && this.candidate.length >= SAMPLES_MIN) {
      const { value } = psi(this.live, this.candidate)
      checks.push({
        ...{ check: 'scores', pass: value < psiMax, value, limit: psiMax },
        say: `its scores are distributed otherwise: PSI ${value.toFixed(3)}, wanted below ${psiMax}`,
      })
    }
    return verdictOf(checks)
  }
}

function take(into: number[], scores: Float32Array): void {
  if (into.length >= SCORES_MAX || scores.length === 0) return
  const step = Math.max(1, Math.floor(scores.length / PER_ANSWER))
  for (let i = 0; i < scores.length; i += step) into.push(scores[i])
}
