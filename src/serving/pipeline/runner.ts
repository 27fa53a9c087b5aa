import { type Clock, type Deadline, systemClock } from '../../foundation/base/index.ts'
import type { Rung, StageReport, StageStatus } from '../../domain/index.ts'
import { Candidates } from './candidates.ts'
import { checkOf, keepPassing, Removals } from './checks.ts'
import type { Check, FeatureReader, Filter, Pick, Reranker, Scorer, Source } from './contracts.ts'
import { missingGroups, readingNote } from './feature-reading.ts'
import { orderOf } from './order.ts'
import type { Outcome, SourceReport } from './outcome.ts'
import type { Query } from './query.ts'
import { Retrieval } from './retrieve.ts'

/** Eligible items when retrieval left too few: best first, each passing `check`, none of those in `taken`. */
export type Sweep = (query: Query, check: Check, taken: ReadonlySet<number>, need: number) => Uint32Array

export interface PipelineParts {
  readonly sources: Readonly<Record<string, Source>>
  readonly filters: readonly Filter[]
  readonly coarse: Scorer
  readonly features: FeatureReader
  readonly fine: Scorer
  readonly reranker: Reranker
  readonly sweep: Sweep
  /** Sources whose candidates have slots of their own: they are not cut by the coarse rank. */
  readonly reserved: readonly string[]
  readonly clock?: Clock
}

/** Most reserved candidates carried past the coarse cut. */
const RESERVED_MAX = 64

/**
 * The path of a request: retrieve, filter, coarse rank, features, fine rank, rerank. Knows no source, no model and
 * no surface. Every stage reports what it did; a stage that fails or finds the time spent hands on what it was given.
 */
export class Pipeline {
  private readonly parts: PipelineParts
  private readonly clock: Clock
  private readonly retrieval: Retrieval

  constructor(parts: PipelineParts) {
    this.parts = parts
    this.clock = parts.clock ?? systemClock
    this.retrieval = new Retrieval(parts.sources, this.clock)
  }

  /** What the coarse rank is given: retrieved, filtered, filled up. For those who learn to cut it. */
  async gather(query: Query): Promise<Candidates> {
    const run = new Run(this.parts, this.clock, query)
    return run.sweep(run.filter(await run.retrieve(this.retrieval)))
  }

  async run(query: Query): Promise<Outcome> {
    const run = new Run(this.parts, this.clock, query)
    let set = await run.retrieve(this.retrieval)
    set = run.filter(set)
    set = run.sweep(set)
    set = await run.coarse(set)
    set = await run.fine(set)
    const picks = run.rerank(set)
    return run.outcome(set, picks)
  }
}

interface Done {
  readonly status: StageStatus
  readonly note?: string
}
const OK: Done = { status: 'ok' }
const SKIPPED: Done = { status: 'skipped', note: 'the time was spent' }

/** One request on its way: what has happened so far. */
class Run {
  private readonly parts: PipelineParts
  private readonly clock: Clock
  private readonly query: Query
  private readonly check: Check
  private readonly stages: StageReport[] = []
  private readonly removals = new Removals()
  private sources: SourceReport[] = []
  private rung: Rung = 'full'

  constructor(parts: PipelineParts, clock: Clock, query: Query) {
    this.parts = parts
    this.clock = clock
    this.query = query
    this.check = checkOf(parts.filters, query)
  }

  async retrieve(retrieval: Retrieval): Promise<Candidates> {
    const start = this.clock.ticks()
    const deadline: Deadline = this.query.deadline.within(this.query.plan.retrievalMs)
    const { merged, reports } = await retrieval.ask(this.query, deadline)
    this.sources = reports
    const missing = reports.filter((report) => report.status !== 'ok' && report.count === 0)
    if (missing.length > 0) this.rung = 'partial'
    const proposed = reports.reduce((sum, report) => sum + report.count, 0)
    const note = missing.map((report) => `${report.name}: ${report.note ?? report.status}`).join('; ')
    const status = missing.length === 0 ? 'ok' : missing.length === reports.length ? 'failed' : 'late'
    this.report('retrieve', note ? { status, note } : { status }, start, proposed, merged.count)
    return merged
  }

  filter(merged: Candidates): Candidates {
    const start = this.clock.ticks()
    const kept = keepPassing(merged, this.check, this.removals)
    const cut = this.cut(kept, kept.retrievalScores, this.query.plan.retrieve)
    this.report('filter', OK, start, merged.count, cut.count)
    return cut
  }

  /** Fills up from the whole catalogue when too few are left. A search that found something is not padded. */
  sweep(set: Candidates): Candidates {
    const enough = this.query.plan.needs === 'query' ? 1 : this.query.limit
    if (set.count >= enough) return set
    const start = this.clock.ticks()
    const found = this.parts.sweep(this.query, this.check, new Set(set.rows), this.query.limit + 1 - set.count)
    const all = new Candidates(set.sources, set.count + found.length)
    copyInto(all, set)
    for (let i = 0; i < found.length; i++) all.rows[set.count + i] = found[i]
    if (found.length > 0) this.rung = 'sweep'
    this.report('sweep', OK, start, set.count, all.count)
    return all
  }

  async coarse(set: Candidates): Promise<Candidates> {
    const start = this.clock.ticks()
    const done = await this.score('coarse', set, set.coarseScores, set.retrievalScores)
    set.scores.set(set.coarseScores)
    const cut = this.cut(set, set.coarseScores, this.query.plan.rank)
    this.report('coarse', done, start, set.count, cut.count)
    return cut
  }

  async fine(set: Candidates): Promise<Candidates> {
    const start = this.clock.ticks()
    const width = this.parts.features.names.length
    set.features = new Float32Array(set.count * width)
    const read = await this.attempt(() => this.read(set))
    this.report('features', read, start, set.count, set.count)
    const began = this.clock.ticks()
    const done = read.status !== 'failed' ? await this.score('fine', set, set.scores, set.coarseScores) : SKIPPED
    const ranked = set.take(orderOf(set.scores, set.rows))
    this.report('fine', done, began, set.count, ranked.count)
    return ranked
  }

  /** Policy runs last, on the state as it is now; what it removes is refilled from the same ranked candidates. */
  rerank(ranked: Candidates): readonly Pick[] {
    const start = this.clock.ticks()
    const policy = checkOf(
      this.parts.filters.filter((filter) => filter.policy),
      this.query,
    )
    const limit = Math.min(this.query.limit, ranked.count)
    let picks: readonly Pick[] = []
    let done = OK
    try {
      picks = this.parts.reranker.rerank(this.query, ranked, limit, policy)
    } catch (error) {
      done = this.failure(error)
      picks = inOrder(ranked, limit, policy)
    }
    this.report('rerank', done, start, ranked.count, picks.length)
    return picks
  }

  outcome(ranked: Candidates, picks: readonly Pick[]): Outcome {
    return {
      picks,
      ranked,
      stages: this.stages,
      sources: this.sources,
      removals: this.removals.report(),
      rung: picks.length === 0 ? 'empty' : this.rung,
      more: ranked.count > picks.length,
    }
  }

  /** Scores into `out`; when that fails or the time is spent, `out` is the fallback. */
  private async score(
    stage: 'coarse' | 'fine',
    set: Candidates,
    out: Float32Array,
    fallback: Float32Array,
  ): Promise<Done> {
    const scorer = this.parts[stage]
    out.set(fallback)
    if (this.query.deadline.expired) {
      this.rung = 'partial'
      return SKIPPED
    }
    const done = await this.attempt(() => scorer.score(this.query, set, out))
    if (done.status !== 'ok') {
      out.set(fallback)
      return done
    }
    const instead = set.scoredBy[stage]?.instead
    if (instead === undefined) return done
    this.rung = 'partial'
    return { status: 'ok', note: `${set.scoredBy[stage]?.by} scored; ${instead}` }
  }

  /** A group of features that did not come is said, and the set is ranked by the others. */
  private async read(set: Candidates): Promise<Done> {
    const { features } = this.parts
    const given = features.read(this.query, set.rows, set.features, this.query.deadline)
    set.reading = given instanceof Promise ? await given : given
    const note = readingNote(set.reading)
    if (missingGroups(set.reading).length === 0) return note === undefined ? OK : { status: 'ok', note }
    this.rung = 'partial'
    return { status: 'late', ...(note !== undefined && { note }) }
  }

  private async attempt(work: () => Done | void | Promise<Done | void>): Promise<Done> {
    try {
      return (await work()) ?? OK
    } catch (error) {
      return this.failure(error)
    }
  }

  private failure(error: unknown): Done {
    this.rung = 'partial'
    return { status: 'failed', note: error instanceof Error ? error.message : String(error) }
  }

  /** The best by score, best first, and with them the reserved ones that did not make it. */
  private cut(set: Candidates, scores: Float32Array, limit: number): Candidates {
    const order = orderOf(scores, set.rows)
    if (set.count <= limit) return set.take(order)
    let reserved = 0
    set.sources.forEach((name, s) => {
      if (this.parts.reserved.includes(name)) reserved |= 1 << s
    })
    const extra = order.subarray(limit).filter((index) => (set.mask[index] & reserved) !== 0)
    return set.take([...order.subarray(0, limit), ...extra.subarray(0, RESERVED_MAX)])
  }

  private report(stage: string, done: Done, start: number, before: number, after: number): void {
    const ms = Math.round((this.clock.ticks() - start) * 1000) / 1000
    this.stages.push({ stage, ...done, ms, in: before, out: after })
  }
}

function inOrder(ranked: Candidates, limit: number, policy: Check): Pick[] {
  const picks: Pick[] = []
  for (let index = 0; index < ranked.count && picks.length < limit; index++) {
    if (policy(ranked.rows[index]) === 0) picks.push({ index, propensity: 1, explored: false, pinned: false })
  }
  return picks
}

function copyInto(target: Candidates, from: Candidates): void {
  target.rows.set(from.rows)
  target.mask.set(from.mask)
  target.sourceScores.set(from.sourceScores)
  target.sourceRanks.set(from.sourceRanks)
  target.retrievalScores.set(from.retrievalScores)
  target.coarseScores.set(from.coarseScores)
  target.scores.set(from.scores)
}
