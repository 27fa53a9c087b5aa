import type { EventInput, Slate } from '../../domain/index.ts'
import { type Clock, Random, SluiceError } from '../../foundation/base/index.ts'
import { type Ask, Visitors, type VisitorsReport, type World } from '../../world/index.ts'
import { HttpClient } from '../http-client.ts'
import { poissonArrivals } from '../load/arrivals.ts'
import { openLoop } from '../load/open-loop.ts'

export interface DriveOptions {
  readonly url: string
  readonly key?: string | undefined
  readonly world: World
  /** Slates per second. Each comes with a request of events, when there is something to tell. */
  readonly rate: number
  readonly slatesMax: number
  readonly seed: string
  /** Unique to this run; goes into names of sessions. */
  readonly run: string
  readonly clock: Clock
}

/** What came of it: what the visitors did, and how the platform answered. */
export interface DriveReport extends VisitorsReport {
  /** Events that the platform took. */
  readonly events: number
  /** Events of the last slates that nobody was told of, since the visit was stopped or the platform fell behind. */
  readonly untold: number
  /** Requests that failed, by code. Who is given no slate goes on as after an empty one. */
  readonly errors: Readonly<Record<string, number>>
}

/** Requests under way at once; who comes while all are is turned away, so that a slow platform is not piled upon. */
const IN_FLIGHT_MAX = 16
/** Events of one request, and most that are told after the last slate: of a platform that fell behind the others stay untold. */
const REST_BATCH = 500
const REST_MAX = 20_000
/** A server that did not answer for so long is gone. */
const GONE_MS = 10_000

/** Lets the users of a world visit a running platform over HTTP: slates asked, events told, new items put. */
export class Drive {
  private readonly options: DriveOptions
  private readonly visitors: Visitors
  private readonly client: HttpClient
  private readonly errors = new Map<string, number>()
  private readonly over = new AbortController()
  private events = 0
  private untold = 0
  private asked = 0
  private heardAt: number
  private gone = ''

  constructor(options: DriveOptions) {
    const { url, key, world, seed, run, clock } = options
    this.options = options
    this.visitors = new Visitors(world, { seed, run })
    this.client = new HttpClient({ url, key, connections: IN_FLIGHT_MAX })
    this.heardAt = clock.ticks()
  }

  /**
   * Until `stop` aborts, the time is up, or `slatesMax` were asked for; then waits for the answers that are due, and
   * unless it was stopped tells what is still to come of the slates that were seen; the report counts what stays untold.
   * @throws SluiceError ERR_SERVER_UNREACHABLE when the server went away
   */
  async run(stop: AbortSignal, seconds = Number.POSITIVE_INFINITY): Promise<DriveReport> {
    const { rate, seed, clock, url } = this.options
    this.heardAt = clock.ticks()
    const signal = AbortSignal.any([stop, this.over.signal])
    try {
      await openLoop(poissonArrivals(new Random(`${seed} arrivals`), rate, seconds), () => this.visit(), {
        clock,
        inFlightMax: IN_FLIGHT_MAX,
        waitingMax: 0,
        signal,
        onArrival: () => undefined,
        onDropped: () => undefined, // nobody was told of, so nobody is missed: the rate is just not reached
      })
      await this.tellRest(stop)
    } finally {
      await this.client.close()
    }
    if (this.gone !== '') throw new SluiceError('ERR_SERVER_UNREACHABLE', [url, this.gone])
    return this.report()
  }

  report(): DriveReport {
    const errors = Object.fromEntries([...this.errors].sort(([a], [b]) => (a < b ? -1 : 1)))
    return { ...this.visitors.report(), events: this.events, untold: this.untold, errors }
  }

  /** One viewer asks. What happened before is told first, so that the slate can know it. */
  private async visit(): Promise<void> {
    const ask = this.visitors.ask()
    if (!ask) return
    if (++this.asked >= this.options.slatesMax) this.over.abort()
    await this.tell(this.visitors.happened(this.options.clock.now()))
    await this.publish()
    const { surface, user, session, item, query } = ask
    const about = { ...(item === undefined ? {} : { item }), ...(query === undefined ? {} : { query }) }
    const text = await this.send('POST', '/v1/slates', { surface, user, session, ...about })
    this.visitors.see(ask, text === undefined ? nothing(ask) : (JSON.parse(text) as Slate))
  }

  private async tell(events: readonly EventInput[]): Promise<void> {
    if (events.length === 0) return
    const text = await this.send('POST', '/v1/events', { events })
    if (text !== undefined) this.events += (JSON.parse(text) as { accepted: number }).accepted
  }

  private async tellRest(stop: AbortSignal): Promise<void> {
    const rest = this.visitors.rest(this.options.clock.now())
    const most = Math.min(rest.length, REST_MAX)
    let told = 0
    for (; told < most && this.gone === '' && !stop.aborted; told = Math.min(most, told + REST_BATCH))
      await this.tell(rest.slice(told, Math.min(most, told + REST_BATCH)))
    this.untold = rest.length - told
  }

  /** Puts what came out, unless an earlier run has. */
  private async publish(): Promise<void> {
    for (const item of this.visitors.published(this.options.clock.now())) {
      const { status } = await this.client.send('GET', `/v1/items/${item.id}`)
      if (status === 404) await this.send('PUT', '/v1/items', { items: [item] })
    }
  }

  /** The text of a success; otherwise counts the failure, and gives up a server that has long been silent. */
  private async send(method: 'POST' | 'PUT', path: string, body: object): Promise<string | undefined> {
    const { text, status, code } = await this.client.send(method, path, body)
    const now = this.options.clock.ticks()
    if (status > 0) this.heardAt = now
    if (code === undefined) return text
    this.errors.set(code, (this.errors.get(code) ?? 0) + 1)
    if (now - this.heardAt > GONE_MS) {
      this.gone = code
      this.over.abort()
    }
    return undefined
  }
}

/** The slate of who was given none. Its name goes into the id of the search that may follow. */
function nothing({ surface, session, at }: Ask) {
  return { slate: `none-${session}-${at}`, surface, items: [] }
}
