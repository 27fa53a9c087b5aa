import type { Clock } from '../../foundation/base/index.ts'
import { lowerRung, type Rung } from '../../domain/index.ts'
import { behind, Candidates } from './candidates.ts'
import { checkOf, passing, policyOf, Removals } from './checks.ts'
import type { Check, FeatureReader, Pick, Scorer, Supply } from './contracts.ts'
import type { Done } from './guard.ts'
import { orderAmong, orderOf } from './order.ts'
import type { Outcome, SourceReport } from './outcome.ts'
import type { PipelineParts } from './parts.ts'
import type { Query } from './query.ts'
import type { Left, Ranking } from './rank.ts'
import type { Retrieval } from './retrieve.ts'
import type { KeptScores, Scored } from './score-cache.ts'
import { Timeline } from './timeline.ts'
import type { Below } from './ways.ts'

/** Most reserved candidates carried past the coarse cut. */
const RESERVED_MAX = 64

/** Items more than are wanted of what is ready: for those that the last look at policy takes. */
const SPARE = 5

const OK: Done = { status: 'ok' }

/** One request on its way: what has happened so far. */
export class Run {
  readonly query: Query
  /** Did the scores come from those kept? Undefined where none may. */
  kept: boolean | undefined
  private readonly parts: PipelineParts
  private readonly check: Check
  private readonly timeline: Timeline
  private readonly removals = new Removals()
  /** A surface with less time than the profile has less for each stage, in proportion. */
  private readonly scale: number
  private sources: SourceReport[] = []
  /** Is there a source that gave no answer? */
  private isMissing = false
  private rung: Rung = 'full'
  private ranker: Scorer | undefined
  /** What the coarse rank was given. */
  private given: Candidates | undefined
  /** Whose order it is when nothing else ranks, and what it is worth. */
  private order: Below = { rung: 'retrieval', worth: 1 }
  /** Whose order it is now. */
  private ranked: Below = this.order
  /** What is ready to be shown; null before anybody has asked. */
  private found: ReturnType<Supply['ready']> | null = null

  constructor(parts: PipelineParts, clock: Clock, query: Query) {
    this.parts = parts
    this.query = query
    this.check = checkOf(parts.filters, query)
    this.timeline = new Timeline(clock, query.waitedMs)
    this.scale = Math.min(1, query.plan.budgetMs / parts.budgets.budgetMs)
  }

  /** Takes scores that were kept, of all that pass the filters now; undefined when those are too few. */
  reuse({ set, ranker, sources, ageMs }: KeptScores): Candidates | undefined {
    const from = this.timeline.now()
    const kept = passing(set, this.check, this.removals)
    if (kept.length < this.query.limit) return undefined
    this.kept = true
    this.ranker = ranker
    this.sources = sources.map((report) => ({ ...report, at: 0, ms: 0 }))
    const note = `scores of ${(ageMs / 1000).toFixed(1)} s ago`
    this.timeline.end('kept', { status: 'ok', note }, from, 0, set.count, kept.length)
    return kept.length === set.count ? set : set.take(kept)
  }

  /** All that others may use of it; undefined unless every stage did what it should. */
  whole(set: Candidates): Scored | undefined {
    const { rung, ranker, sources } = this
    return rung === 'full' && ranker ? { set, ranker, sources } : undefined
  }

  /** Starts what depends on the viewer alone, so that it goes on beside retrieval. */
  prepare(): void {
    const { features, fine } = this.parts
    const from = this.timeline.now()
    const begun = [features, fine].map((part) => this.begin(part)).filter((one) => one !== undefined)
    if (begun.length === 0) return
    const end = (done: Done) => this.timeline.end('viewer', done, from, this.left(this.budgets.featuresMs), 0, 0)
    Promise.all(begun).then(
      () => end(OK),
      (error: unknown) => end(failure(error)), // the stage that needed it says what it did without
    )
  }

  private begin(part: FeatureReader | Scorer): void | Promise<void> {
    try {
      return part.prepare?.(this.query)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  async retrieve(retrieval: Retrieval): Promise<Candidates> {
    const from = this.timeline.now()
    const budget = Math.min(this.scale * this.budgets.retrievalMs, this.query.deadline.remaining())
    const { merged, reports, missing } = await retrieval.ask(this.query, this.query.deadline.within(budget))
    this.sources = reports
    this.isMissing = missing.length > 0
    if (this.isMissing) this.lower('partial')
    const proposed = reports.reduce((sum, report) => sum + report.count, 0)
    const note = missing.map((report) => `${report.name}: ${report.note ?? report.status}`).join('; ')
    const status = missing.length === 0 ? 'ok' : missing.length === reports.length ? 'failed' : 'late'
    this.timeline.end('retrieve', note ? { status, note } : { status }, from, budget, proposed, merged.count)
    return merged
  }

  filter(merged: Candidates): Candidates {
    const from = this.timeline.now()
    const kept = passing(merged, this.check, this.removals)
    const cut = this.cut(merged, merged.retrievalScores, this.query.plan.retrieve, kept)
    this.timeline.end('filter', OK, from, 0, merged.count, cut.count)
    return cut
  }

  /** Fills up when too few are left. A search that found something is not padded. */
  supply(set: Candidates, thrifty: boolean): Candidates {
    const failed = thrifty || this.isMissing
    const enough = this.query.plan.needs === 'query' ? 1 : this.query.limit
    if (set.count >= enough) return set
    const from = this.timeline.now()
    const need = this.query.limit + 1 - set.count
    const { rows, rung } = this.parts.supply.give(this.query, this.check, new Set(set.rows), { need, failed, thrifty })
    if (rows.length > 0) this.lower(rung)
    const all = behind(set, rows)
    this.timeline.end(rung, OK, from, 0, set.count, all.count)
    return all
  }

  async coarse(set: Candidates, ranking: Ranking): Promise<Candidates> {
    const from = this.timeline.now()
    const left = () => this.left(this.budgets.coarseMs)
    const budget = left()
    const { rung, worth, whole, ...done } = await ranking.coarse(this.query, set, left)
    this.order = { rung, worth }
    if (!whole) this.lower('partial')
    this.given = set
    const cut = this.cut(set, set.coarseScores, this.query.plan.rank)
    this.timeline.end('coarse', done, from, budget, set.count, cut.count)
    return cut
  }

  /** The last scores; the set comes back in their order. */
  async last(set: Candidates, ranking: Ranking): Promise<Candidates> {
    const { featuresMs, fineMs } = this.budgets
    const left = (): Left => ({
      features: this.left(featuresMs),
      fine: this.left(fineMs),
      whole: this.left(Number.POSITIVE_INFINITY),
    })
    const worthBelow = () => this.worthBelow()
    const below = {
      rung: this.order.rung,
      get worth() {
        return worthBelow()
      },
    }
    const ranked = await ranking.last(this.query, set, left, this.timeline, below)
    this.ranked = ranked ?? this.order
    this.lower(this.ranked.rung)
    this.ranker = ranked?.ranker
    return set.take(orderOf(set.scores, set.rows))
  }

  /** What is ready to be shown, where that is worth more than the order that was come to; else the set as it is. */
  ready(set: Candidates): Candidates {
    const { quality } = this.parts
    if (!quality) return set
    const worth = this.rung === this.ranked.rung ? this.ranked.worth : Math.min(this.ranked.worth, quality[this.rung])
    if (worth >= Math.max(quality.cached, quality.popular)) return set
    const from = this.timeline.now()
    const ready = this.findReady()
    if (!ready || quality[ready.rung] <= worth) return set
    this.timeline.end(
      ready.rung,
      { status: 'ok', note: `worth more than ${this.rung}` },
      from,
      0,
      set.count,
      ready.rows.length,
    )
    this.lower(ready.rung)
    this.ranker = undefined
    this.order = { rung: 'retrieval', worth: quality.retrieval }
    return behind(new Candidates([], 0), ready.rows)
  }

  private findReady(): ReturnType<Supply['ready']> {
    if (this.found === null) {
      this.found = this.parts.supply.ready(this.query, this.check, this.query.limit + SPARE)
    }
    return this.found
  }

  /** Of what is shown when nobody ranks: the order that was come to, or what is ready. */
  private worthBelow(): number {
    const { quality } = this.parts
    const ready = quality && this.findReady()
    return Math.max(this.order.worth, ready ? quality[ready.rung] : 0)
  }

  /** Policy runs last, on the state as it is now; what it removes is refilled from the same ranked candidates. */
  rerank(ranked: Candidates): readonly Pick[] {
    const from = this.timeline.now()
    const limit = Math.min(this.query.limit, ranked.count)
    let picks: readonly Pick[] = []
    let done = OK
    try {
      picks = this.isKeptOrder
        ? this.inOrder(ranked)
        : this.parts.reranker.rerank(this.query, ranked, limit, this.policy())
    } catch (error) {
      this.lower('partial')
      done = failure(error)
      picks = this.inOrder(ranked)
    }
    this.timeline.end('rerank', done, from, this.scale * this.budgets.rerankMs, ranked.count, picks.length)
    return picks
  }

  /** The first that policy still lets pass. */
  inOrder(ranked: Candidates): Pick[] {
    const policy = this.policy()
    const picks: Pick[] = []
    for (let index = 0; index < ranked.count && picks.length < this.query.limit; index++) {
      if (policy(ranked.rows[index]) === 0) picks.push({ index, propensity: 1, explored: false, pinned: false })
    }
    return picks
  }

  outcome(ranked: Candidates, picks: readonly Pick[]): Outcome {
    return {
      picks,
      ranked,
      ...(this.given && { given: this.given }),
      stages: this.timeline.stages,
      sources: this.sources,
      removals: this.removals.report(),
      rung: picks.length === 0 ? 'empty' : this.rung,
      ranker: this.ranker,
      ...(this.kept !== undefined && { kept: this.kept }),
      more: ranked.count > picks.length,
      whole: this.ranker === this.parts.fine,
    }
  }

  /** Is this the order of an earlier slate or a ready list, which nobody has scored? Then there is nothing to weigh diversity against. */
  private get isKeptOrder(): boolean {
    return !this.ranker && this.order.rung === 'retrieval' && this.rung !== 'retrieval'
  }

  private get budgets() {
    return this.parts.budgets
  }

  /** What a scoring stage may take now: its budget, or what is left when the rerank and the answer had theirs. */
  private left(budgetMs: number): number {
    const { rerankMs, marginMs } = this.budgets
    return Math.min(this.scale * budgetMs, this.query.deadline.remaining() - this.scale * (rerankMs + marginMs))
  }

  private lower(rung: Rung): void {
    this.rung = lowerRung(this.rung, rung)
  }

  private policy(): Check {
    return policyOf(this.parts.filters, this.query)
  }

  /** The best by score, best first, and with them the reserved ones that did not make it; `among` these, or all. */
  private cut(set: Candidates, scores: Float32Array, limit: number, among?: Uint32Array): Candidates {
    const order = among ? orderAmong(scores, set.rows, among) : orderOf(scores, set.rows)
    if (order.length <= limit) return set.take(order)
    let reserved = 0
    set.sources.forEach((name, s) => {
      if (this.parts.reserved.includes(name)) reserved |= 1 << s
    })
    const extra = order.subarray(limit).filter((index) => (set.mask[index] & reserved) !== 0)
    return set.take([...order.subarray(0, limit), ...extra.subarray(0, RESERVED_MAX)])
  }
}

function failure(error: unknown): Done {
  return { status: 'failed', note: error instanceof Error ? error.message : String(error) }
}
