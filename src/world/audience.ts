import { DAY, HOUR, MINUTE, SECOND } from '../foundation/base/index.ts'
import * as behaviour from './behaviour.ts'
import { BLOCKED, clamp, SENSITIVE } from './items.ts'
import { Lots } from './lots.ts'
import { PairBytes } from './pair-bytes.ts'
import { affinityOf, tasteAt } from './taste.ts'
import { TOPICS } from './topics.ts'
import type { Planted } from './truth.ts'
import { FOLLOWS_MAX } from './users.ts'

/** Most slates in one session. */
const SLATES_MAX = 12
/**
 * Measured: a history under the logging policy has about FIRST_EVENTS + EVENTS_PER_SESSION x stay x sessions events a
 * user, where `sessions` are those of somebody whose habits never change, and `stay` the mean share of users who have
 * not given up, at LEAVING a week. Sets how often users come, so that the wished number of events is met.
 */
const FIRST_EVENTS = 10
const EVENTS_PER_SESSION = 10.2
const LEAVING = 0.11
const SESSIONS_MIN = 0.3
/** A pair's byte: impressions in the low bits (they stop counting there), and whether it was watched. */
const SHOWN_MAX = 15
const WATCHED = 16

export type EventKind =
  | 'impression'
  | 'click'
  | 'watch'
  | 'like'
  | 'share'
  | 'follow'
  | 'not-interested'
  | 'report'
  | 'survey'
export type Surface = 'home' | 'next' | 'search'

/** Receives what a viewer does, in no order of time within a slate. `value`, `completion`: NaN when there is none. */
export type Emit = (
  kind: EventKind,
  item: number,
  position: number,
  at: number,
  value: number,
  completion: number,
) => void

/** What came of one slate. One object is reused: copy what you keep. */
export interface Outcome {
  clicks: number
  watchSeconds: number
  /** Mean satisfaction of what was watched; NaN when nothing was. */
  satisfaction: number
  reports: number
  /** What is asked next: a surface, or 'none' when the session ends. */
  next: Surface | 'none'
  /** Item that `next` follows, or -1; topic that `search` is about, or -1. */
  item: number
  topic: number
  /** When the next slate is asked for; when the session ends, when the viewer returns. */
  at: number
}

/**
 * The viewers in motion: what each has seen, whom they follow, how glad they were of late, the session they are in.
 * Built over the memory of another audience, which then must stand still.
 */
export class Audience {
  readonly planted: Planted
  readonly recent: Float32Array
  /** Sessions begun per user. */
  readonly sessions: Uint32Array
  /** Clicks per item so far. */
  readonly clicks: Uint32Array
  /** When each is next expected, milliseconds. */
  readonly expected: Float64Array
  private readonly lots: Lots
  private readonly seen: PairBytes
  private readonly follows: PairBytes
  /** [users x TOPICS] of the session. */
  private readonly taste: Float32Array
  private readonly sated: Uint8Array
  private readonly slates: Uint8Array
  private readonly watches: Uint16Array
  private readonly gladness: Float32Array
  private readonly gapMs: number
  private readonly met: behaviour.Encounter = {
    affinity: 0,
    susceptibility: 0,
    shown: 0,
    watched: false,
    ready: true,
    followed: false,
    sated: 0,
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
    this.recent = base ? base.recent.slice() : new Float32Array(users.count).fill(behaviour.HOPE)
    this.sessions = base ? base.sessions.slice() : new Uint32Array(users.count)
    this.clicks = base ? base.clicks.slice() : new Uint32Array(planted.items.all)
    this.expected = base ? base.expected.slice() : users.joined.slice()
    this.taste = new Float32Array(users.count * TOPICS)
    this.sated = new Uint8Array(users.count * TOPICS)
    this.slates = new Uint8Array(users.count)
    this.watches = new Uint16Array(users.count)
    this.gladness = new Float32Array(users.count)
    this.gapMs = (sizes.days * DAY) / sessionsFor(sizes)
    if (base) return
    for (let cell = 0; cell < users.follows.length; cell++)
      if (users.follows[cell] >= 0) this.follows.set(Math.floor(cell / FOLLOWS_MAX), users.follows[cell], 1)
  }

  get bytes(): number {
    const columns = [this.recent, this.sessions, this.expected, this.taste, this.sated, this.slates, this.gladness]
    return columns.reduce((sum, { byteLength }) => sum + byteLength, this.seen.bytes + this.follows.bytes)
  }

  /** Begins a session: today's taste, and a mood for one topic that chance picks among the better-liked. */
  open(user: number, at: number): void {
    const { users, sizes } = this.planted
    this.sessions[user]++
    this.slates[user] = 0
    this.watches[user] = 0
    this.gladness[user] = 0
    this.sated.fill(0, user * TOPICS, (user + 1) * TOPICS)
    tasteAt(users, user, at, sizes.end, -1, this.taste, user * TOPICS)
    const mood = this.topicByTaste(user)
    tasteAt(users, user, at, sizes.end, mood, this.taste, user * TOPICS)
  }

  /** The first visit at or after a moment of somebody who joined long before: within one gap, evenly. */
  firstVisit(user: number, at: number): number {
    const gap = Math.min(60 * DAY, this.gapMs / this.planted.users.activity[user])
    return Math.floor(at + gap * this.lots.next(user))
  }

  /** A topic, drawn by the weights of the session's taste. */
  topicByTaste(user: number): number {
    let total = 0
    for (let k = 0; k < TOPICS; k++) total += this.taste[user * TOPICS + k]
    let left = this.lots.next(user) * total
    for (let k = 0; k < TOPICS; k++) if ((left -= this.taste[user * TOPICS + k]) < 0) return k
    return TOPICS - 1
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
  meet(user: number, item: number, taste = this.taste, offset = user * TOPICS): behaviour.Encounter {
    const { users, items } = this.planted
    const { met } = this
    const byte = this.seen.get(user, item)
    const previous = items.previous[item]
    met.affinity = affinityOf(users, items, user, item, taste, offset)
    met.susceptibility = users.susceptibility[user]
    met.shown = byte & SHOWN_MAX
    met.watched = (byte & WATCHED) !== 0
    met.ready = previous < 0 || this.watched(user, previous)
    met.followed = this.following(user, items.creator[item])
    met.sated = this.sated[user * TOPICS + items.topic[item]]
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
    const depth = rows.length <= 4 ? rows.length : this.scroll(user, rows.length)
    for (let i = 0; i < depth; i++) {
      const item = rows[i]
      const met = this.meet(user, item)
      emit('impression', item, positions[i], at + 200 + i * 120, Number.NaN, Number.NaN)
      const byte = this.seen.get(user, item)
      if ((byte & SHOWN_MAX) < SHOWN_MAX) this.seen.set(user, item, byte + 1)
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
    }
    if (outcome.clicks > 0) outcome.satisfaction = glad / outcome.clicks
    this.gladness[user] += glad
    this.watches[user] += outcome.clicks
    this.goOn(user, clock + 2 * SECOND + Math.floor(lots.exponential(user, 8 * SECOND)))
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
    if (this.sated[topic] < 255) this.sated[topic]++
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

  /** Decides what the viewer asks next, or that the session ends and when the next one begins. */
  private goOn(user: number, at: number): void {
    const { lots, outcome } = this
    outcome.next = 'none'
    outcome.at = at
    if (++this.slates[user] < SLATES_MAX) {
      const lot = lots.next(user)
      if (outcome.clicks > 0) {
        const spirit = 0.4 + 0.6 * outcome.satisfaction
        if (lot < 0.6 * spirit) outcome.next = 'next'
        else if (lot < 0.8 * spirit) outcome.next = 'home'
        else if (lot < 0.92 * spirit) outcome.next = 'search'
      } else if (lot < 0.22) outcome.next = 'home'
      else if (lot < 0.32) outcome.next = 'search'
    }
    if (outcome.next !== 'next') outcome.item = -1
    if (outcome.next === 'search') outcome.topic = this.topicByTaste(user)
    if (outcome.next !== 'none') return
    const session = this.watches[user] > 0 ? this.gladness[user] / this.watches[user] : behaviour.BORED
    this.recent[user] = behaviour.recentAfter(this.recent[user], session)
    outcome.at = this.returnAt(user, at)
    this.expected[user] = outcome.at
  }

  /** When the viewer comes back, by activity and recent satisfaction; visits of later days fall on the usual hour. */
  private returnAt(user: number, at: number): number {
    const { users } = this.planted
    const { lots, recent } = this
    const gap = this.gapMs / users.activity[user]
    if (lots.chance(user, behaviour.churnProbability(recent[user], gap / (7 * DAY))))
      return Math.floor(at + 30 * DAY + lots.exponential(user, behaviour.AWAY_DAYS * DAY))
    const due = at + 20 * MINUTE + lots.exponential(user, gap * behaviour.gapFactor(recent[user]))
    if (due - at < 12 * HOUR) return Math.floor(due)
    const usual = Math.floor(due / DAY) * DAY + users.hour[user] + lots.normal(user, 1.5 * HOUR)
    return Math.floor(Math.max(usual, at + 30 * MINUTE))
  }
}

function sessionsFor({ events, users, days }: Planted['sizes']): number {
  const left = (LEAVING * days) / 7
  const stay = (1 - Math.exp(-left)) / left
  return Math.max(SESSIONS_MIN, (events / users - FIRST_EVENTS) / (EVENTS_PER_SESSION * stay))
}
