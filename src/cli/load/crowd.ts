import type { EventInput, Slate, SlateRequest } from '../../domain/index.ts'
import type { Random } from '../../foundation/base/index.ts'
import { count } from '../figures.ts'
import type { Traffic } from './traffic.ts'

/** Who and what a load run acts with: ids and words of the platform itself. */
export interface Cast {
  readonly users: readonly string[]
  readonly items: readonly string[]
  /** What is searched for: words of titles. */
  readonly queries: readonly string[]
}

interface Seen {
  readonly slate: string
  readonly surface: string
  readonly user: string | undefined
  readonly items: readonly string[]
}

/** Latest slates that events refer to. */
const REMEMBERED = 512
/** Share of the requests without an account. */
const ANONYMOUS = 0.1
/** How much some items are wanted more than others: the share of the catalogue drawn is u^SKEW. */
const SKEW = 2.5

/** What viewers do with an item they were shown, and how often. */
const deeds = [
  ['impression', 0.6],
  ['click', 0.2],
  ['watch', 0.15],
  ['like', 0.04],
  ['not-interested', 0.01],
] as const

/** Makes requests as the users of a platform would, and events about the slates they were given. */
export class Crowd implements Traffic {
  readonly as: string
  private readonly cast: Cast
  private readonly random: Random
  private readonly run: string
  private readonly seen: Seen[] = []
  private told = 0

  /** `run` goes into the event ids: two runs never share one. */
  constructor(cast: Cast, random: Random, run: string) {
    this.cast = cast
    this.as = `${count(cast.users.length)} users over ${count(cast.items.length)} items, by lot`
    this.random = random
    this.run = run
  }

  request(surface: string): SlateRequest {
    const { random, cast } = this
    const user = random.chance(ANONYMOUS) || cast.users.length === 0 ? undefined : random.pick(cast.users)
    const request: SlateRequest = { surface, ...(user === undefined ? { session: `v${random.int(1e9)}` } : { user }) }
    if (surface === 'search') request.query = cast.queries.length > 0 ? random.pick(cast.queries) : 'a'
    else if (surface !== 'home' && surface !== 'continue') request.item = this.someItem()
    return request
  }

  /** Remembers a slate, so that events can be about it. */
  answered({ user, surface }: SlateRequest, slate: Slate | undefined): void {
    if (!slate || slate.items.length === 0) return
    const seen = { slate: slate.slate, surface, user, items: slate.items.map(({ item }) => item) }
    if (this.seen.length < REMEMBERED) this.seen.push(seen)
    else this.seen[this.random.int(REMEMBERED)] = seen
  }

  /** Events about slates that were given, or about any item while there are none yet. */
  events(count: number, at: number): EventInput[] {
    return Array.from({ length: count }, () => this.event(at))
  }

  private event(at: number): EventInput {
    const { random, cast } = this
    const id = `load-${this.run}-${this.told++}`
    const slate = this.seen.length > 0 ? random.pick(this.seen) : undefined
    const position = slate ? random.int(slate.items.length) : 0
    const user = slate?.user ?? (cast.users.length > 0 ? random.pick(cast.users) : `visitor-${random.int(1000)}`)
    const item = slate?.items[position] ?? this.someItem()
    const kind = this.deed()
    const shown = slate ? { slate: slate.slate, surface: slate.surface, position } : {}
    const watched = kind === 'watch' ? { value: Math.round(random.exponential(120)), completion: random.next() } : {}
    return { id, kind, user, item, ...shown, ...watched, at }
  }

  private deed(): string {
    let left = this.random.next()
    for (const [kind, share] of deeds) if ((left -= share) < 0) return kind
    return 'impression'
  }

  private someItem(): string {
    const { items } = this.cast
    return items[Math.floor(items.length * this.random.next() ** SKEW)]
  }
}
