import type { Slate, SlateRequest, Event } from '../../domain/index.ts'
import type { Metrics } from '../../foundation/telemetry/index.ts'
import type { Outcome, Query } from '../../serving/pipeline/index.ts'
import type { ServedLog } from '../../serving/served/index.ts'
import type { Watch } from '../../serving/watch/index.ts'
import { meterSlate } from '../observe/slate-meter.ts'
import type { Parts } from '../parts.ts'
import { Digests } from './digests.ts'
import { hydrate } from './hydrate.ts'
import { present } from './present.ts'
import { RecentSlates } from './recent.ts'
import { recordOf } from './record.ts'

/** Who is told of every slate besides the served log. */
export interface Account {
  readonly metrics: Metrics | undefined
  readonly watch: Watch | undefined
}

/** Makes slates, and keeps account of them: served log, portfolio, metrics, watch. */
export class Slates {
  served = 0
  private readonly parts: Parts
  private readonly log: ServedLog | undefined
  private readonly told: Account
  private readonly digests: Digests
  private readonly isErased: (user: string) => boolean
  private readonly recent = new RecentSlates()

  /** `isErased`: users whose erasure is so fresh that requests under their id count as a stranger's. */
  constructor(
    parts: Parts,
    log: ServedLog | undefined,
    told: Account,
    digest: string,
    isErased: (user: string) => boolean,
  ) {
    this.parts = parts
    this.isErased = isErased
    this.log = log
    this.told = told
    this.digests = new Digests(digest)
  }

  /** `waitedMs`: for how long the request has waited before anybody could look at it. */
  async make(asked: SlateRequest, waitedMs = 0): Promise<Slate> {
    const began = this.parts.clock.ticks()
    const { user, ...nameless } = asked
    const request = user !== undefined && this.isErased(user) ? nameless : asked
    const { query, outcome } = await this.answer(request, began - waitedMs)
    const slate = present({ ...this.parts, digestOf: (models) => this.digests.of(models) }, query, outcome)
    this.account(request, query, outcome, slate)
    this.told.metrics?.slate(query.surface, (this.parts.clock.ticks() - began + waitedMs) / 1000, outcome.rung)
    return slate
  }

  /** A whole slate when there is a place for it and time; otherwise the cheapest one, at once. */
  private async answer(request: SlateRequest, arrived: number): Promise<{ query: Query; outcome: Outcome }> {
    const { clock, ladder, pipeline } = this.parts
    const hydrated = () => hydrate(this.parts, request, this.served++, clock.ticks() - arrived)
    const shed = () => {
      const query = hydrated()
      return { query, outcome: pipeline.shed(query) }
    }
    if (ladder.places.full) return shed()
    return ladder.places.run(async () => {
      const query = hydrated()
      const cheap = ladder.cached.has(query) ? 'cached' : 'popular'
      if (!ladder.admission.whole(query.waitedMs, query.deadline.remaining(), cheap)) {
        return { query, outcome: pipeline.shed(query) }
      }
      const from = clock.ticks()
      ladder.injector.suffer('slate')
      const outcome = await pipeline.run(query)
      ladder.admission.took(clock.ticks() - from)
      return { query, outcome }
    })
  }

  /** Runs a request for its cost alone: nothing is logged. */
  async rehearse(request: SlateRequest): Promise<void> {
    await this.parts.pipeline.run(hydrate(this.parts, request, 0))
  }

  /** Credits what came of a slate: a click to the sources that proposed the item, an outcome to its prediction. */
  credit(event: Event): void {
    if (event.slate === undefined || event.item === undefined) return
    const found = this.recent.find(event.slate, this.parts.state.items.ids.find(event.item))
    if (!found) return
    const { metrics } = this.told
    metrics?.slateEvent(event.kind, found.surface)
    const clicked = event.kind === 'click'
    if (!clicked && event.kind !== 'impression') return
    const outcome = found.predictions.outcome(found.place, clicked)
    if (outcome) metrics?.calibration(outcome)
    if (!clicked) return
    this.parts.portfolio.observeClick(found.mask, found.sources)
    for (const [s, name] of found.sources.entries()) if ((found.mask & (1 << s)) !== 0) metrics?.sourceClicked(name)
  }

  /** Removes what is remembered of a user's slates; gives how many. */
  forget(user: string): number {
    const { state, ladder, config } = this.parts
    const cached = ladder.cached.forget(state.users.ids.find(user), Object.keys(config.surfaces))
    return this.recent.forget(user) + cached
  }

  private account(request: SlateRequest, query: Query, outcome: Outcome, slate: Slate): void {
    const { ranked, picks, sources } = outcome
    this.recent.add(query, outcome)
    this.parts.portfolio.observeSlate({
      sources,
      sourceNames: ranked.sources,
      rankedMasks: ranked.mask,
      servedMasks: Uint32Array.from(picks, (pick) => ranked.mask[pick.index]),
    })
    this.keep(request, query, outcome, slate)
    this.parts.vectorIndexes.observe(outcome)
    this.told.watch?.observe(query, outcome)
    if (this.told.metrics) meterSlate(this.told.metrics, query, outcome)
  }

  /** Serving goes before logging: a record that cannot be kept is counted, and the slate goes out. */
  private keep(request: SlateRequest, query: Query, outcome: Outcome, slate: Slate): void {
    const { state, features, ladder } = this.parts
    if (!this.log) return
    if (ladder.injector.strike('served')) {
      this.log.dropped++
      return
    }
    this.log.append(recordOf({ state, featureDigest: features.digest }, request, query, outcome, slate), features.names)
  }
}
