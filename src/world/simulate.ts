import type { Audience } from './audience.ts'
import type { Emit, Outcome, Surface } from './outcome.ts'
import { type Policy, screens, type Wish } from './policy.ts'
import type { TimeQueue } from './time-queue.ts'

/** One slate that was shown, after it was reacted to. One object is reused: copy what you keep. */
export interface Step {
  wish: Wish
  outcome: Outcome
}

/**
 * Lets the users in `asks` come, ask, look and come again until `until`, the earliest ask first. `show` is told of
 * each slate and gives the receiver of its events. Moves `audience` and `asks`; all chance is the audience's and the policy's.
 */
export function* simulate(
  audience: Audience,
  policy: Policy,
  asks: TimeQueue,
  until: number,
  show: (wish: Wish) => Emit,
): Generator<Step> {
  const wishes = new Wishes(audience.planted.users.count)
  while (asks.size > 0 && asks.earliest < until) {
    const at = asks.earliest
    const user = asks.pop()
    if (!wishes.underWay(user)) audience.sessions.open(user, at)
    const wish = wishes.of(user, at)
    const rows = policy.slate(wish, audience)
    const emit = show(wish)
    const outcome = audience.look(user, wish.surface, rows, PLACES, at, (kind, item, position, when, value, share) => {
      if (kind === 'click') policy.clicked?.(user, item)
      emit(kind, item, position, when, value, share)
    })
    wishes.keep(user, outcome)
    asks.push(outcome.at, user)
    yield { wish, outcome }
  }
}

const PLACES = Uint16Array.from({ length: 256 }, (_, i) => i)
const surfaces = ['none', 'home', 'next', 'search'] as const

/** What each user asks next, in columns. */
class Wishes {
  private readonly surfaces: Uint8Array
  private readonly items: Int32Array
  private readonly topics: Int8Array

  constructor(users: number) {
    this.surfaces = new Uint8Array(users)
    this.items = new Int32Array(users).fill(-1)
    this.topics = new Int8Array(users).fill(-1)
  }

  /** Is the user in a session? Otherwise the next ask begins one, at home. */
  underWay(user: number): boolean {
    return this.surfaces[user] !== 0
  }

  keep(user: number, outcome: Outcome): void {
    this.surfaces[user] = surfaces.indexOf(outcome.next)
    this.items[user] = outcome.item
    this.topics[user] = outcome.topic
  }

  of(user: number, at: number): Wish {
    const surface: Surface = this.underWay(user) ? (surfaces[this.surfaces[user]] as Surface) : 'home'
    return { user, surface, at, limit: screens[surface], item: this.items[user], topic: this.topics[user] }
  }
}
