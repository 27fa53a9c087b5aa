import type { EventInput } from '../domain/index.ts'
import type { Audience, Emit, EventKind, Surface } from './audience.ts'
import { LoggingPolicy } from './logging-policy.ts'
import { screens } from './policy.ts'
import { queryFor } from './records.ts'
import { TimeQueue } from './time-queue.ts'
import { devices, regions } from './topics.ts'
import { creatorId, itemId, type Planted, userId } from './truth.ts'

/** Slates of the history that were drawn wholly by lot have ids with this first letter, the others RULED. */
export const RANDOMISED = 'x'
const RULED = 'h'

export interface Written {
  readonly id: string
  readonly surface: string
  readonly user: number
  readonly session: string
}

/** Writes what a viewer does as events: the id is the slate's and a number, so that sending it twice counts once. */
export function eventWriter({ items, users }: Planted, slate: Written, put: (event: EventInput) => void): Emit {
  let number = 0
  const user = userId(slate.user)
  const device = devices[users.device[slate.user]]
  const { country } = regions[users.region[slate.user]]
  return (kind: EventKind, item, position, at, value, completion) => {
    const event: EventInput = {
      id: `${slate.id}.${number++}`,
      kind,
      user,
      session: slate.session,
      item: itemId(item),
      slate: slate.id,
      surface: slate.surface,
      position,
      country,
      device,
      at,
    }
    if (kind === 'follow') event.creator = creatorId(items.creator[item])
    if (!Number.isNaN(value)) event.value = value
    if (!Number.isNaN(completion)) event.completion = completion
    put(event)
  }
}

/**
 * The log of the days before `end`: every session of every user under the logging policy, events in order of time.
 * Moves `audience`, which afterwards is the state at the end. Memory: the events of the sessions under way.
 */
export function* simulateHistory(planted: Planted, audience: Audience): Generator<EventInput> {
  const { sizes, users } = planted
  const policy = new LoggingPolicy(planted)
  const wishes = new Wishes(users.count)
  const asks = new TimeQueue()
  for (let user = 0; user < users.count; user++) {
    const first = Math.max(sizes.start, users.joined[user])
    const early = users.joined[user] < sizes.start
    asks.push(early ? audience.firstVisit(user, first) : first, user)
  }
  const pending = new TimeQueue()
  const events: EventInput[] = []
  const free: number[] = []
  const put = (event: EventInput) => {
    if ((event.at as number) >= sizes.end) return
    const place = free.pop() ?? events.length
    events[place] = event
    pending.push(event.at as number, place)
  }
  let slates = 0
  while (asks.size > 0 && asks.earliest < sizes.end) {
    const at = asks.earliest
    while (pending.earliest <= at) {
      const place = pending.pop()
      free.push(place)
      yield events[place]
    }
    const user = asks.pop()
    const surface = wishes.surface(user)
    if (surface === 'none') audience.open(user, at)
    const wish = wishes.of(user, at)
    const rows = policy.slate(wish, audience)
    const id = `${policy.randomised ? RANDOMISED : RULED}${(slates++).toString(36)}`
    const session = `${userId(user)}-${audience.sessions[user]}`
    const write = eventWriter(planted, { id, surface: wish.surface, user, session }, put)
    const outcome = audience.look(user, wish.surface, rows, PLACES, at, (kind, item, position, when, value, share) => {
      if (kind === 'click') policy.clicked(user, item)
      write(kind, item, position, when, value, share)
    })
    if (outcome.next === 'search') {
      const query = queryFor(outcome.topic, (slates % 997) / 997)
      put({ id: `${id}.q`, kind: 'search', user: userId(user), session, surface: 'search', query, at: outcome.at })
    }
    wishes.keep(user, outcome.next, outcome.item, outcome.topic)
    asks.push(outcome.at, user)
  }
  while (pending.size > 0) yield events[pending.pop()]
}

export const PLACES = Uint16Array.from({ length: 256 }, (_, i) => i)

const surfaces = ['none', 'home', 'next', 'search'] as const

/** What each user asks next, in columns. */
export class Wishes {
  private readonly surfaces: Uint8Array
  private readonly items: Int32Array
  private readonly topics: Int8Array

  constructor(users: number) {
    this.surfaces = new Uint8Array(users)
    this.items = new Int32Array(users).fill(-1)
    this.topics = new Int8Array(users).fill(-1)
  }

  /** 'none': no session is under way, the next one begins at home. */
  surface(user: number): Surface | 'none' {
    return surfaces[this.surfaces[user]]
  }

  keep(user: number, surface: Surface | 'none', item: number, topic: number): void {
    this.surfaces[user] = surfaces.indexOf(surface)
    this.items[user] = item
    this.topics[user] = topic
  }

  of(user: number, at: number) {
    const asked = this.surface(user)
    const surface = asked === 'none' ? 'home' : asked
    return { user, surface, at, limit: screens[surface], item: this.items[user], topic: this.topics[user] }
  }
}
