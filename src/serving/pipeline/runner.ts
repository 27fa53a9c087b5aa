import { type Clock, systemClock } from '../../foundation/base/index.ts'
import { Candidates } from './candidates.ts'
import type { Outcome } from './outcome.ts'
import type { PipelineParts } from './parts.ts'
import type { Query } from './query.ts'
import { Ranking } from './rank.ts'
import { Retrieval } from './retrieve.ts'
import { Run } from './run.ts'

/**
 * The path of a request: retrieve, filter, coarse rank, features, fine rank, rerank. Knows no source, no model and
 * no surface. Every stage has a budget and reports what it did; a stage that fails or is not done in its time hands on
 * what it was given, and the rung of the outcome says so.
 */
export class Pipeline {
  private readonly parts: PipelineParts
  private readonly clock: Clock
  private readonly retrieval: Retrieval
  private readonly ranking: Ranking

  constructor(parts: PipelineParts) {
    this.parts = parts
    this.clock = parts.clock ?? systemClock
    this.retrieval = new Retrieval(parts.sources, this.clock, parts.rows)
    this.ranking = new Ranking(parts, this.clock)
  }

  /** What the coarse rank is given: retrieved, filtered, filled up. For those who learn to cut it. */
  async gather(query: Query): Promise<Candidates> {
    const run = new Run(this.parts, this.clock, query)
    return run.supply(run.filter(await run.retrieve(this.retrieval)), false)
  }

  async run(query: Query): Promise<Outcome> {
    const run = new Run(this.parts, this.clock, query)
    const set = await this.scored(run)
    const outcome = run.outcome(set, run.rerank(set))
    if (outcome.whole) this.parts.supply.remember(query, outcome.ranked, outcome.picks)
    return outcome
  }

  /** The candidates, best first: with scores that were kept, or made now. */
  private async scored(run: Run): Promise<Candidates> {
    const { scores } = this.parts
    const key = scores?.keyOf(run.query)
    const kept = key === undefined ? undefined : scores?.find(key)
    const reused = kept && run.reuse(kept)
    if (reused) return reused
    const from = this.clock.ticks()
    run.prepare()
    let set = await run.retrieve(this.retrieval)
    set = run.filter(set)
    set = run.supply(set, false)
    set = await run.coarse(set, this.ranking)
    set = run.ready(await run.last(set, this.ranking))
    const whole = run.whole(set)
    if (key !== undefined) run.kept = false
    if (whole && key !== undefined && scores?.keyOf(run.query) === key) scores.keep(key, whole, from)
    return set
  }

  /** The cheapest whole answer: no retrieval, no ranking; what was shown before or is popular, filtered anew. */
  shed(query: Query): Outcome {
    const run = new Run(this.parts, this.clock, query)
    const set = run.supply(new Candidates([], 0), true)
    return run.outcome(set, run.inOrder(set))
  }
}
