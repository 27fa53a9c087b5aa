import { SECOND } from '../foundation/base/index.ts'
import * as behaviour from './behaviour.ts'
import { BLOCKED, clamp, SENSITIVE } from './items.ts'
import { Lots } from './lots.ts'
import { NO_TOPIC, pull } from './order.ts'
import type { Emit, Outcome } from './outcome.ts'
import { PairBytes } from './pair-bytes.ts'
import { Sessions } from './sessions.ts'
import { affinityOf } from './taste.ts'
import { TOPICS } from './topics.ts'
import type { Planted } from './truth.ts'
import { FOLLOWS_MAX } from './users.ts'

/** A pair's byte: impressions in the low bits (they stop counting there), and whether it was watched. */
const SHOWN_MAX = 15
const WATCHED = 16

/**
 * The viewers in motion: what each has seen, whom they follow, the sessions they are in. Built over the memory of another audience, which then must stand still.
 */
export class Audience {
  readonly planted: Planted
  readonly sessions: Sessions
  /** Clicks per item so far. */
  readonly clicks: Uint32Array
  private readonly lots: Lots
  private readonly seen: PairBytes
  private readonly follows: PairBytes
  /** [users x 2] topics of the two latest watches before the slate, the latest first, or NO_TOPIC. */
  private readonly lately: Uint8Array
  private readonly met: behaviour.Encounter = {
    affinity: 0,
    susceptibility: 0,
    shown: 0,
    watched: false,
    ready: true,
    followed: false,
    sated: 0,
    pull: 0,
    age: 0,
  }
  private readonly outcome: Outcome = {
    clicks: 0,
    watchSeconds: 0,
    satisfaction: Number.NaN,
    reports: 0,
    next: 'none',
    item: -1,
    topic: -1,
    at: 0,
  }

  constructor(planted: Planted, purpose: string, base?: Audience) {
    const { users, sizes } = planted
    this.planted = planted
    this.lots = new Lots(`${sizes.seed}/${purpose}`, users.count)
    this.seen = new PairBytes(base?.seen)
    this.follows = new PairBytes(base?.follows)
    this.lately = base ? base.lately.slice() : new Uint8Array(users.count * 2).fill(NO_TOPIC)
    this.sessions = new Sessions(planted, this.lots, base?.sessions)
    this.clicks = base ? base.clicks.slice() : new Uint32Array(planted.items.all)
    if (base) return
    for (let cell = 0; cell < users.follows.length; cell++)
      if (users.follows[cell] >= 0) this.follows.set(Math.floor(cell / FOLLOWS_MAX), users.follows[cell], 1)
  }

  get bytes(): number {
    const { sessions, clicks, lots, seen, follows, lately } = this
    return sessions.bytes + clicks.byteLength + lots.bytes + seen.bytes + follows.bytes + lately.byteLength
  }

  watched(user: number, item: number): boolean {
    return (this.seen.get(user, item) & WATCHED) !== 0
  }

  /** Earlier impressions; they stop counting at 15. */
  shown(user: number, item: number): number {
    return this.seen.get(user, item) & SHOWN_MAX
  }

  following(user: number, creator: number): boolean {
    return this.follows.get(user, creator) !== 0
  }

  /** What the viewer would bring to an item now, with the taste of the session (or the one given). Reused: copy. */
  meet(user: number, item: number, taste = this.sessions.taste, offset = user * TOPICS): behaviour.Encounter {
    const { users, items, order, sizes } = this.planted
    const { met, lately } = this
    const byte = this.seen.get(user, item)
    const previous = items.previous[item]
    met.affinity = affinityOf(users, items, user, item, taste, offset)
    met.susceptibility = users.susceptibility[user]
    met.shown = byte & SHOWN_MAX
    met.watched = (byte & WATCHED) !== 0
    met.ready = previous < 0 || this.watched(user, previous)
    met.followed = this.following(user, items.creator[item])
    met.sated = this.sessions.sated[user * TOPICS + items.topic[item]]
    met.pull = sizes.order * pull(order, items.topic[item], lately[user * 2], lately[user * 2 + 1])
    met.age = users.age[user]
    return met
  }

  /**
   * Shows a slate to a viewer in a session: `rows` in the order of `positions`, looked at top down, clicks watched
   * one after the other. Says what comes next; when the session ends, the viewer's return is decided.
   */
  look(user: number, surface: string, rows: ArrayLike<number>, positions: ArrayLike<number>, at: number, emit: Emit) {
    const { outcome, lots } = this
    outcome.clicks = 0
    outcome.watchSeconds = 0
    outcome.satisfaction = Number.NaN
    outcome.reports = 0
    outcome.item = -1
    outcome.topic = -1
    let clock = at + 300
    let glad = 0
    let [last, before] = [this.lately[user * 2], this.lately[user * 2 + 1]]
    const depth = rows.length <= 4 ? rows.length : this.scroll(user, rows.length)
    for (let i = 0; i < depth; i++) {
      const item = rows[i]
      const met = this.meet(user, item)
      emit('impression', item, positions[i], at + 200 + i * 120, Number.NaN, Number.NaN)
      if (met.shown < SHOWN_MAX) this.seen.set(user, item, (met.shown + 1) | (met.watched ? WATCHED : 0))
      if (!lots.chance(user, behaviour.examination(surface, positions[i]))) continue
      const { items } = this.planted
      if (!lots.chance(user, behaviour.clickProbability(items, item, met))) {
        if (met.affinity < 0.15 && lots.chance(user, 0.004))
          emit('not-interested', item, positions[i], at + 900 + i * 120, Number.NaN, Number.NaN)
        continue
      }
      clock = Math.max(clock, at + 600 + i * 120) + Math.floor(lots.exponential(user, 2 * SECOND))
      this.clicks[item]++
      emit('click', item, positions[i], clock, Number.NaN, Number.NaN)
      const seconds = this.watch(user, item, positions[i], clock, met, emit)
      clock += seconds * SECOND + Math.floor(lots.exponential(user, 4 * SECOND))
      outcome.clicks++
      outcome.watchSeconds += seconds
      outcome.item = item
      glad += this.glad
      before = last
      last = items.topic[item]
    }
    this.lately[user * 2] = last
    this.lately[user * 2 + 1] = before
    if (outcome.clicks > 0) outcome.satisfaction = glad / outcome.clicks
    this.sessions.goOn(user, outcome, clock + 2 * SECOND + Math.floor(lots.exponential(user, 8 * SECOND)))
    return outcome
  }

  private glad = 0

  /** Rows that come into view: the first three, then one more with probability 0.8 each. */
  private scroll(user: number, length: number): number {
    let depth = 3
    while (depth < length && this.lots.chance(user, 0.8)) depth++
    return depth
  }

  /** Watches an opened item and reacts to it. Gives the seconds; leaves the satisfaction in `glad`. */
  private watch(
    user: number,
    item: number,
    position: number,
    at: number,
    met: behaviour.Encounter,
    emit: Emit,
  ): number {
    const { items, users } = this.planted
    const { lots } = this
    const enjoyed = behaviour.enjoyment(items, item, met)
    const completion = clamp(behaviour.expectedCompletion(items, item, enjoyed) + lots.normal(user, 0.1))
    const glad = clamp(behaviour.satisfactionOf(enjoyed, completion) + lots.normal(user, 0.06))
    const seconds = Math.max(1, Math.round(completion * items.duration[item]))
    const share = Math.round(completion * 1000) / 1000
    const done = at + seconds * SECOND
    emit('watch', item, position, done, seconds, share)
    if (completion >= behaviour.WATCHED_SHARE) this.seen.set(user, item, this.seen.get(user, item) | WATCHED)
    const topic = user * TOPICS + items.topic[item]
    if (this.sessions.sated[topic] < 255) this.sessions.sated[topic]++
    const { like, share: pass, follow, survey } = behaviour.reactions
    if (lots.chance(user, like(glad))) emit('like', item, position, done + 400, Number.NaN, Number.NaN)
    if (lots.chance(user, pass(glad))) emit('share', item, position, done + 900, Number.NaN, Number.NaN)
    if (!met.followed && lots.chance(user, follow(glad))) {
      this.follows.set(user, items.creator[item], 1)
      emit('follow', item, position, done + 1200, Number.NaN, Number.NaN)
    }
    if (lots.chance(user, behaviour.reactions['not-interested'](glad)))
      emit('not-interested', item, position, done + 500, Number.NaN, Number.NaN)
    const harmful =
      items.flag[item] === BLOCKED ||
      (items.flag[item] === SENSITIVE && users.age[user] < 18) ||
      items.ageRating[item] > users.age[user]
    if (lots.chance(user, harmful ? behaviour.HARM_REPORT : behaviour.reactions.report(glad, items.clickbait[item]))) {
      this.outcome.reports++
      emit('report', item, position, done + 800, Number.NaN, Number.NaN)
    }
    if (lots.chance(user, survey())) {
      const answer = Math.min(5, Math.max(1, Math.round(1 + 4 * glad + lots.normal(user, 0.4))))
      emit('survey', item, position, done + 1500, answer, Number.NaN)
    }
    this.glad = glad
    return seconds
  }
}
