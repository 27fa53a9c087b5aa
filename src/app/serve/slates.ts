import type { Event, Slate, SlateRequest } from '../../domain/index.ts'
import type { Metrics } from '../../foundation/telemetry/index.ts'
import type { ServedLog } from '../../serving/served/index.ts'
import type { Watch } from '../../serving/watch/index.ts'
import { meterSlate } from '../observe/slate-meter.ts'
import { Troubles } from '../observe/troubles.ts'
import type { Parts } from '../parts.ts'
import type { Made } from './made.ts'
import { SlateMaker } from './maker.ts'
import { RecentSlates } from './recent.ts'
import type { ShadowNews } from './shadows.ts'

/** Who is told of every slate besides the served log. */
export interface Account {
  readonly metrics: Metrics | undefined
  readonly watch: Watch | undefined
  /** What came of slates in the shadow. */
  readonly shadowed?: (news: ShadowNews) => void
}

/** Other threads that make slates. */
export interface Makers {
  /** Undefined when none of them can; see `SlateMaker.make`. */
  make(request: SlateRequest, turn: number, arrived: number): Promise<Made> | undefined
  /** Removes what they keep of a user. */
  forget(user: string, row: number): Promise<void>
}

/** Has slates made, here or by other threads, and keeps account of them: served log, portfolio, metrics, watch. */
export class Slates {
  served = 0
  readonly troubles = new Troubles()
  /** Missing: slates are made in this thread. */
  makers: Makers | undefined
  private readonly parts: Parts
  /** Makes them in this thread. */
  readonly maker: SlateMaker
  /** Is told what came of slates in the shadow, in whatever thread. */
  readonly shadowed: (news: ShadowNews) => void
  private readonly log: ServedLog | undefined
  private readonly told: Account
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
    this.shadowed = told.shadowed ?? (() => undefined)
    this.maker = new SlateMaker(parts, { digest, records: log !== undefined, shadowed: this.shadowed })
    this.isErased = isErased
    this.log = log
    this.told = told
  }

  /** `waitedMs`: for how long the request has waited before anybody could look at it. */
  async make(asked: SlateRequest, waitedMs = 0): Promise<Slate> {
    const { clock } = this.parts
    const began = clock.ticks()
    const { user, ...nameless } = asked
    const request: SlateRequest = user !== undefined && this.isErased(user) ? nameless : asked
    const turn = this.served++
    const arrived = began - waitedMs
    const elsewhere = this.makers?.make(request, turn, arrived)
    const made = await (elsewhere ?? this.maker.make(request, turn, arrived))
    if (request.user !== undefined && this.isErased(request.user)) await this.drop(request.user, made)
    else {
      if (elsewhere) this.remember(made)
      this.account(made)
    }
    this.told.metrics?.slate(made.query.surface, (clock.ticks() - arrived) / 1000, made.outcome.rung)
    return made.slate
  }

  /** Runs a request for its cost alone: nothing is logged. */
  rehearse(request: SlateRequest): Promise<void> {
    return this.maker.rehearse(request)
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

  /** Removes what is remembered of a user's slates, here and in other threads; gives how many. */
  async forget(user: string): Promise<number> {
    const { state, ladder } = this.parts
    const row = state.users.ids.find(user)
    await this.makers?.forget(user, row)
    const cached = ladder.cached.forget(row)
    return this.recent.forget(user) + cached
  }

  /** The viewer was erased while the slate was made: nothing of it may be kept, here or where it was made. */
  private async drop(user: string, { query }: Made): Promise<void> {
    const { row } = query.viewer
    await this.makers?.forget(user, row)
    this.parts.ladder.cached.forget(row)
  }

  /** This thread keeps slates of others for a worse time too: it answers when they cannot. */
  private remember({ query, outcome }: Made): void {
    if (outcome.whole) this.parts.ladder.cached.keep(query, outcome.ranked, outcome.picks)
  }

  private account(made: Made): void {
    const { query, outcome, clicks } = made
    const { ranked, picks, sources } = outcome
    this.recent.add(query, outcome, clicks)
    this.parts.portfolio.observeSlate({
      sources,
      sourceNames: ranked.sources,
      rankedMasks: ranked.mask,
      servedMasks: Uint32Array.from(picks, (pick) => ranked.mask[pick.index]),
    })
    const kept = this.keep(made)
    this.troubles.observe(this.parts.clock.now(), kept ? query.id : undefined, outcome)
    this.parts.vectorIndexes.observe(outcome, made.slate.models?.['fine'])
    this.told.watch?.observe(query, outcome)
    if (this.told.metrics) meterSlate(this.told.metrics, query, outcome)
  }

  /** Serving goes before logging: a record that cannot be kept is counted, and the slate goes out. False when it is not kept. */
  private keep({ record }: Made): boolean {
    if (!this.log || !record) return false
    if (!this.parts.ladder.injector.strike('served')) return this.log.append(record, this.parts.features.names)
    this.log.lose(1)
    return false
  }
}
