import type { Slate, SlateRequest, Event } from '../../domain/index.ts'
import type { Metrics } from '../../foundation/telemetry/index.ts'
import type { Outcome, Query } from '../../serving/pipeline/index.ts'
import type { ServedLog } from '../../serving/served/index.ts'
import type { Parts } from '../parts.ts'
import { hydrate } from './hydrate.ts'
import { present } from './present.ts'
import { RecentSlates } from './recent.ts'
import { recordOf } from './record.ts'

/** Makes slates, and keeps account of them: served log, portfolio, metrics. */
export class Slates {
  served = 0
  private readonly parts: Parts
  private readonly log: ServedLog | undefined
  private readonly metrics: Metrics | undefined
  private readonly digest: string
  private readonly isErased: (user: string) => boolean
  private readonly recent = new RecentSlates()

  /** `isErased`: users whose erasure is so fresh that requests under their id count as a stranger's. */
  constructor(
    parts: Parts,
    log: ServedLog | undefined,
    metrics: Metrics | undefined,
    digest: string,
    isErased: (user: string) => boolean,
  ) {
    this.parts = parts
    this.isErased = isErased
    this.log = log
    this.metrics = metrics
    this.digest = digest
  }

  async make(asked: SlateRequest): Promise<Slate> {
    const began = this.parts.clock.ticks()
    const { user, ...nameless } = asked
    const request = user !== undefined && this.isErased(user) ? nameless : asked
    const query = hydrate(this.parts, request, this.served++)
    const outcome = await this.parts.pipeline.run(query)
    const slate = present({ ...this.parts, digest: this.digest }, query, outcome)
    this.account(request, query, outcome, slate)
    this.metrics?.slate(query.surface, (this.parts.clock.ticks() - began) / 1000, outcome.rung)
    return slate
  }

  /** Runs a request for its cost alone: nothing is logged. */
  async rehearse(request: SlateRequest): Promise<void> {
    await this.parts.pipeline.run(hydrate(this.parts, request, 0))
  }

  /** Credits a click or watch on a slate to the sources that proposed the item. */
  credit(event: Event): void {
    if (event.slate === undefined || event.item === undefined || event.kind !== 'click') return
    const found = this.recent.proposers(event.slate, this.parts.state.items.ids.find(event.item))
    if (found) this.parts.portfolio.observeClick(found.mask, found.sources)
  }

  /** Removes what is remembered of a user's slates; gives how many. */
  forget(user: string): number {
    return this.recent.forget(user)
  }

  private account(request: SlateRequest, query: Query, outcome: Outcome, slate: Slate): void {
    const { ranked, picks, sources, stages, removals } = outcome
    this.recent.add(query, outcome)
    this.parts.portfolio.observeSlate({
      sources,
      sourceNames: ranked.sources,
      rankedMasks: ranked.mask,
      servedMasks: Uint32Array.from(picks, (pick) => ranked.mask[pick.index]),
    })
    this.log?.append(
      recordOf({ ...this.parts, featureDigest: this.parts.features.digest }, request, query, outcome, slate),
      this.parts.features.names,
    )
    if (!this.metrics) return
    for (const { stage, ms, status } of stages) this.metrics.stage(stage, ms / 1000, status)
    for (const { name, ms, count, status } of sources) this.metrics.source(name, ms / 1000, count, status)
    for (const [reason, count] of Object.entries(removals)) this.metrics.removal(reason, count)
  }
}
