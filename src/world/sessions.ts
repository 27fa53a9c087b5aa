import { DAY, HOUR, MINUTE } from '../foundation/base/index.ts'
import * as behaviour from './behaviour.ts'
import type { Lots } from './lots.ts'
import type { Outcome } from './outcome.ts'
import { tasteAt } from './taste.ts'
import { TOPICS } from './topics.ts'
import type { Planted } from './truth.ts'

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

/** The coming and going of viewers: the session each is in, how glad they were of late, when they come again. */
export class Sessions {
  /** How glad each was of the latest sessions, 0 to 1. */
  readonly recent: Float32Array
  /** Sessions begun per user. */
  readonly begun: Uint32Array
  /** When each is next expected, milliseconds. */
  readonly expected: Float64Array
  /** [users x TOPICS] topic weights of the session, and watches per topic in it. */
  readonly taste: Float32Array
  readonly sated: Uint8Array
  private readonly slates: Uint8Array
  private readonly watches: Uint16Array
  private readonly gladness: Float32Array
  private readonly planted: Planted
  private readonly lots: Lots
  private readonly gapMs: number

  constructor(planted: Planted, lots: Lots, base?: Sessions) {
    const { users, sizes } = planted
    this.planted = planted
    this.lots = lots
    this.recent = base ? base.recent.slice() : new Float32Array(users.count).fill(behaviour.HOPE)
    this.begun = base ? base.begun.slice() : new Uint32Array(users.count)
    this.expected = base ? base.expected.slice() : users.joined.slice()
    this.taste = new Float32Array(users.count * TOPICS)
    this.sated = new Uint8Array(users.count * TOPICS)
    this.slates = new Uint8Array(users.count)
    this.watches = new Uint16Array(users.count)
    this.gladness = new Float32Array(users.count)
    this.gapMs = (sizes.days * DAY) / sessionsFor(sizes)
  }

  get bytes(): number {
    const { recent, begun, expected, taste, sated, slates, watches, gladness } = this
    const columns = [recent, begun, expected, taste, sated, slates, watches, gladness]
    return columns.reduce((sum, { byteLength }) => sum + byteLength, 0)
  }

  /** Begins a session: today's taste, and a mood for one topic that chance picks among the better-liked. */
  open(user: number, at: number): void {
    const { users, sizes } = this.planted
    this.begun[user]++
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

  /**
   * After a slate: decides what the viewer asks next, or that the session ends and when the next one begins. Reads the
   * clicks and the satisfaction of `outcome` and completes it. `at`: when the viewer is done with the slate.
   */
  goOn(user: number, outcome: Outcome, at: number): void {
    const { lots } = this
    if (outcome.clicks > 0) {
      this.gladness[user] += outcome.satisfaction * outcome.clicks
      this.watches[user] += outcome.clicks
    }
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
