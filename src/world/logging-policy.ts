import { DAY, Random } from '../foundation/base/index.ts'
import type { Audience } from './audience.ts'
import { allowed, countBelow, outAt } from './items.ts'
import type { Policy, Wish } from './policy.ts'
import { topicNames } from './topics.ts'
import type { Planted } from './truth.ts'

/** Latest clicks that popularity is drawn from: an item clicked twice as often is drawn twice as often. */
const CLICKS_KEPT = 8192
/** Share of home slates that are drawn and ordered wholly by lot. */
export const RANDOMISED_SHARE = 0.05
/** Lots per place before it stays empty. */
const TRIES = 12
/** A drawn item in a foreign language is put back this often. */
const FOREIGN_PUT_BACK = 0.7
/** An item is fresh for this long. */
const FRESH_DAYS = 5

/**
 * What the platform did before Sluice: each place of a slate is filled by one of four simple rules, by lot - popular
 * (of the latest clicks), the viewer's own topics (as chosen at sign-up and clicked lately), fresh, random. The log
 * has structure, covers the catalogue thinly, and is far from optimal. Lawful: ages, countries, flags, expiry.
 */
export class LoggingPolicy implements Policy {
  /** Was the latest slate drawn wholly by lot? */
  randomised = false
  private readonly planted: Planted
  private readonly random: Random
  private readonly clicks = new Uint32Array(CLICKS_KEPT)
  private clickCount = 0
  /** [users x 2] latest clicked topics, 255 for none. */
  private readonly lately: Uint8Array

  constructor(planted: Planted) {
    this.planted = planted
    this.random = new Random(`${planted.sizes.seed}/logging-policy`)
    this.lately = new Uint8Array(planted.users.count * 2).fill(255)
  }

  clicked(user: number, item: number): void {
    this.clicks[this.clickCount++ % CLICKS_KEPT] = item
    this.lately[user * 2 + this.random.int(2)] = this.planted.items.topic[item]
  }

  slate(wish: Wish, audience: Audience): number[] {
    const { items, users } = this.planted
    const { random } = this
    const out = outAt(items, wish.at)
    const picked: number[] = []
    this.randomised = wish.surface === 'home' && random.chance(RANDOMISED_SHARE)
    for (let place = 0; place < wish.limit; place++) {
      for (let tries = 0; tries < TRIES; tries++) {
        const row = this.randomised ? random.int(out) : this.draw(wish, out)
        if (row < 0 || row === wish.item || picked.includes(row)) continue
        if (!allowed(items, row, users.region[wish.user], users.age[wish.user], wish.at)) continue
        if (audience.watched(wish.user, row)) continue
        if (!this.randomised && this.foreign(wish.user, row) && random.chance(FOREIGN_PUT_BACK)) continue
        picked.push(row)
        break
      }
    }
    return picked
  }

  /** One row, or -1 when the rule that was drawn has none. */
  private draw(wish: Wish, out: number): number {
    const { items } = this.planted
    const lot = this.random.next()
    if (wish.surface === 'search') return lot < 0.85 ? this.onTopic(wish.topic, wish.at) : this.popular(out)
    if (wish.surface === 'next' && lot < 0.6) {
      if (lot < 0.25) return this.onTopic(items.topic[wish.item], wish.at)
      return lot < 0.45 ? this.sameCreator(wish.item, out) : this.popular(out)
    }
    if (lot < 0.4) return this.popular(out)
    if (lot < 0.7) return this.onTopic(this.ownTopic(wish.user), wish.at)
    if (lot < 0.85) return out - 1 - this.random.int(Math.max(1, out - outAt(items, wish.at - FRESH_DAYS * DAY)))
    return this.random.int(out)
  }

  private foreign(user: number, row: number): boolean {
    return this.planted.items.language[row] !== this.planted.users.language[user]
  }

  private popular(out: number): number {
    const kept = Math.min(this.clickCount, CLICKS_KEPT)
    return kept === 0 ? this.random.int(out) : this.clicks[this.random.int(kept)]
  }

  private onTopic(topic: number, at: number): number {
    if (topic < 0) return -1
    const rows = this.planted.items.byTopic[topic]
    const out = countBelow(rows, outAt(this.planted.items, at) - 1)
    return out === 0 ? -1 : rows[this.random.int(out)]
  }

  /** The next of the series, or something by the same creator among the rows around it. */
  private sameCreator(item: number, out: number): number {
    const { items } = this.planted
    for (let row = item + 1; row < Math.min(out, item + 400); row++)
      if (items.creator[row] === items.creator[item]) return row
    return -1
  }

  private ownTopic(user: number): number {
    const lately = this.lately[user * 2 + this.random.int(2)]
    if (lately !== 255 && this.random.chance(0.6)) return lately
    const { tasteA } = this.planted.users
    const count = topicNames.length
    const a = this.random.int(count)
    const b = this.random.int(count)
    return tasteA[user * count + a] > tasteA[user * count + b] ? a : b
  }
}
