import type { EventInput } from '../domain/index.ts'
import { Audience } from './audience.ts'
import { eventWriter, searchEvent, sessionId } from './event-writer.ts'
import type { Surface } from './outcome.ts'
import { queryFor } from './records.ts'
import { TimeQueue } from './time-queue.ts'
import { itemId, type Planted, rowOf, userId } from './truth.ts'

export interface LiveOptions {
  /** Moment at which the live time begins, milliseconds. Default: the end of the history. */
  readonly from?: number
  /** How much faster than life they live, from 1: at 60 a watch of ten minutes takes ten seconds of the clock. */
  readonly speed?: number
  /** Default 0. */
  readonly seed?: string | number
  /** Goes into the names of sessions: two runs on one platform never share one. Default: nothing. */
  readonly run?: string
}

/** What a live user asks the platform for. */
export interface Ask {
  readonly user: string
  readonly surface: Surface
  readonly session: string
  /** The item that `next` follows. */
  readonly item?: string
  readonly query?: string
  /** When it is asked, milliseconds. */
  readonly at: number
}

/** What the platform showed. Items that are not of this world are passed over. */
export interface ShownSlate {
  readonly slate: string
  readonly surface: string
  readonly items: readonly { readonly item: string; readonly position: number }[]
}

export interface Reaction {
  /** In order of time. The last ones lie ahead of the moment of the slate: watching takes time. */
  readonly events: EventInput[]
  readonly clicks: number
  readonly watchSeconds: number
  /** Mean true satisfaction of what was watched; NaN when nothing was. */
  readonly satisfaction: number
  /** What the viewer asks next; none when the session ends. */
  readonly next: Ask | undefined
  /** Milliseconds from the slate to the next ask or, when the session ends, to the next visit. */
  readonly returnsAfterMs: number
}

/**
 * The users of a world as live visitors of a running platform. A driver takes the asks as they fall due, has the
 * platform answer, and gives back what was shown:
 *
 *     while ((ask = live.take(now())) !== undefined) send(live.react(ask, await slateFor(ask), now()).events)
 *
 * An ask that the platform fails to answer is given back with an empty slate. The users remember the history.
 */
export class Live {
  private readonly planted: Planted
  private readonly audience: Audience
  private readonly asks = new TimeQueue()
  private readonly pending = new Map<number, Ask>()
  private readonly speed: number
  private readonly run: string

  constructor(planted: Planted, past: Audience, options: LiveOptions = {}) {
    const { from = planted.sizes.end, speed = 1, seed = 0, run = '' } = options
    if (!(speed >= 1)) throw new RangeError(`speed must be at least 1, not ${speed}`)
    this.planted = planted
    this.speed = speed
    this.run = run === '' ? '' : `-${run}`
    this.audience = new Audience(planted, `live/${seed}`, past)
    const { expected } = this.audience.sessions
    for (let user = 0; user < expected.length; user++) {
      const wait = Math.max(0, expected[user] - planted.sizes.end)
      this.asks.push(from + wait / speed, user)
    }
  }

  /** When the next ask falls due, milliseconds. */
  get due(): number {
    return this.asks.earliest
  }

  /** The earliest ask that is due at `until`, or none. It must be given back to `react`. */
  take(until: number): Ask | undefined {
    if (this.asks.size === 0 || this.asks.earliest > until) return undefined
    const at = this.asks.earliest
    const user = this.asks.pop()
    const asked = this.pending.get(user)
    this.pending.delete(user)
    return asked ?? this.visit(user, at)
  }

  /** Begins a session of a user (by row) by hand. */
  visit(user: number, at: number): Ask {
    this.audience.sessions.open(user, at)
    const session = sessionId(user, this.audience.sessions.begun[user]) + this.run
    return { user: userId(user), surface: 'home', session, at }
  }

  /** What the user does with the slate, shown at `at`; the user's next ask or visit joins the queue. */
  react(ask: Ask, shown: ShownSlate, at: number): Reaction {
    const user = rowOf(ask.user, 'u', this.planted.users.count)
    if (user < 0) throw new RangeError(`"${ask.user}" is no user of this world`)
    const known = shown.items
      .map(({ item, position }) => ({ row: rowOf(item, 'v', this.planted.items.all), position }))
      .filter(({ row }) => row >= 0)
      .sort((a, b) => a.position - b.position)
    const events: EventInput[] = []
    const { slate: id, surface } = shown
    const write = eventWriter(this.planted, { id, surface, user, session: ask.session }, (event) => events.push(event))
    const outcome = this.audience.look(
      user,
      surface,
      known.map(({ row }) => row),
      known.map(({ position }) => position),
      at,
      (kind, item, position, when, value, share) => write(kind, item, position, this.pace(at, when), value, share),
    )
    const then = this.pace(at, outcome.at)
    this.asks.push(then, user)
    const next = outcome.next === 'none' ? undefined : this.askOf(ask, outcome.next, outcome.item, outcome.topic, then)
    if (next) this.pending.set(user, next)
    if (next?.query !== undefined) events.push(searchEvent(`${id}.q`, user, ask.session, next.query, then))
    events.sort((a, b) => (a.at as number) - (b.at as number))
    const { clicks, watchSeconds, satisfaction } = outcome
    return { events, clicks, watchSeconds, satisfaction, next, returnsAfterMs: then - at }
  }

  private pace(from: number, at: number): number {
    return Math.floor(from + (at - from) / this.speed)
  }

  private askOf({ user, session }: Ask, surface: Surface, item: number, topic: number, at: number): Ask {
    if (surface === 'next') return { user, surface, session, item: itemId(item), at }
    if (surface === 'search') return { user, surface, session, query: queryFor(topic, (at % 997) / 997), at }
    return { user, surface, session, at }
  }
}
