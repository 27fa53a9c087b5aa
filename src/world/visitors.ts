import type { EventInput, Item } from '../domain/index.ts'
import { DAY } from '../foundation/base/index.ts'
import type { Ask, Live, Reaction, ShownSlate } from './live.ts'
import { TimeQueue } from './time-queue.ts'
import type { World } from './world.ts'

/** What came of the visits so far. */
export interface VisitorsReport {
  /** Users who came, and the share of them who came more than once. */
  readonly users: number
  readonly returned: number
  readonly sessions: number
  readonly slates: number
  readonly impressions: number
  readonly clicks: number
  /** Clicks per impression; 0 when there is none. */
  readonly ctr: number
  readonly watchSeconds: number
  /** Mean true satisfaction of a watch, 0 to 1; 0 when nothing was watched. No platform sees it. */
  readonly satisfaction: number
  /** Items that came out. */
  readonly published: number
  /** Days of the world that went by. */
  readonly days: number
}

/**
 * Live users whose time runs as fast as they are asked: each `ask` moves the clock of the world to whoever comes next,
 * so that the driver sets the pace and tastes, habits and returns still take the days they take. Events are told when
 * their moment has come by that clock, with the moment they are told as their time.
 */
export class Visitors {
  private readonly live: Live
  private readonly upcoming: Item[]
  private readonly start: number
  private readonly sessionsOf: Uint16Array
  private readonly rowOf: (user: string) => number
  private readonly pending = new TimeQueue()
  private readonly events: EventInput[] = []
  private readonly free: number[] = []
  private clock: number
  private out = 0
  private readonly sum = { sessions: 0, slates: 0, impressions: 0, clicks: 0, watchSeconds: 0, gladness: 0 }

  constructor(world: World, options: { readonly seed?: string | number; readonly run?: string } = {}) {
    this.live = world.live(options)
    this.upcoming = [...world.upcoming()]
    this.start = this.clock = world.end
    this.sessionsOf = new Uint16Array(world.sizes.users)
    this.rowOf = (user) => world.userRow(user)
  }

  /** The next viewer who asks; give the slate to `see`, empty when there was none. Nobody asks twice before. */
  ask(): Ask | undefined {
    const ask = this.live.take(Number.POSITIVE_INFINITY)
    if (ask) this.clock = Math.max(this.clock, ask.at)
    return ask
  }

  see(ask: Ask, shown: ShownSlate): Reaction {
    const reaction = this.live.react(ask, shown, ask.at)
    for (const event of reaction.events) {
      const place = this.free.pop() ?? this.events.length
      this.events[place] = event
      this.pending.push(event.at as number, place)
    }
    this.count(ask, reaction)
    return reaction
  }

  /** Events whose moment has come, in order. */
  happened(at: number): EventInput[] {
    return this.told(this.clock, at)
  }

  /** At the end: what is still to come of the slates that were seen, in order, as if its moment had come. */
  rest(at: number): EventInput[] {
    return this.told(Number.MAX_VALUE, at)
  }

  private told(until: number, at: number): EventInput[] {
    const told: EventInput[] = []
    while (this.pending.earliest <= until) {
      const place = this.pending.pop()
      this.free.push(place)
      told.push({ ...this.events[place], at })
    }
    return told
  }

  /** Items that came out since the last call, by the clock of the world. */
  published(at: number): Item[] {
    const from = this.out
    while (this.out < this.upcoming.length && (this.upcoming[this.out].published as number) <= this.clock) this.out++
    return this.upcoming.slice(from, this.out).map((item) => ({ ...item, published: at }))
  }

  report(): VisitorsReport {
    const { sessions, slates, impressions, clicks, watchSeconds, gladness } = this.sum
    let users = 0
    let again = 0
    for (const times of this.sessionsOf) {
      if (times > 0) users++
      if (times > 1) again++
    }
    return {
      users,
      returned: again / Math.max(1, users),
      sessions,
      slates,
      impressions,
      clicks,
      ctr: clicks / Math.max(1, impressions),
      watchSeconds,
      satisfaction: gladness / Math.max(1, clicks),
      published: this.out,
      days: (this.clock - this.start) / DAY,
    }
  }

  private count(ask: Ask, { events, clicks, watchSeconds, satisfaction, next }: Reaction): void {
    const { sum } = this
    sum.slates++
    sum.clicks += clicks
    sum.watchSeconds += watchSeconds
    if (clicks > 0) sum.gladness += satisfaction * clicks
    for (const { kind } of events) if (kind === 'impression') sum.impressions++
    if (next) return
    sum.sessions++
    const row = this.rowOf(ask.user)
    if (this.sessionsOf[row] < 65_535) this.sessionsOf[row]++
  }
}
